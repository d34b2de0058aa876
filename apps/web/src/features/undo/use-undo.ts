'use client'

import { useQueryClient } from '@tanstack/react-query'
import type { ScheduleView } from '@skykeep/core/views'
import { useNotify, type Undo } from '#src/components/ui/toasts.tsx'
import { problemOf } from '#src/trpc/problem.ts'
import { useTRPC, useTRPCClient } from '#src/trpc/client.ts'

/** The ways back from changes of a service. Each is a request of its own, which may be refused and then says why. */
export interface Undos {
  readonly ofPause: (name: string) => Undo
  readonly ofResume: (name: string) => Undo
  /** Back to what was in force: a person's off-hours, or those of the YAML. */
  readonly ofSchedule: (name: string, before: ScheduleView | null) => Undo
  /** Ask for it before the change: it remembers the version that is wanted now. Undefined where that is not known. */
  readonly ofRollback: (name: string) => Undo | undefined
  /** Where the version that is left is known. */
  readonly ofRollbackFrom: (name: string, version: number) => Undo
}

export function useUndo(): Undos {
  const client = useTRPCClient()
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const notify = useNotify()
  const undoBy = (label: string, ask: () => Promise<unknown>): Undo => ({
    label,
    run: () => {
      ask().then(
        () => notify({ tone: 'ok', title: 'Undone', text: `${label}: asked for.` }),
        (error: unknown) => notify({ tone: 'bad', title: 'Not undone', text: problemOf(error).what }),
      )
    },
  })
  const ofRollbackFrom = (name: string, version: number): Undo =>
    undoBy(`Bring version ${version} of ${name} back`, () =>
      client.services.rollback.mutate({ name, to: version }),
    )
  return {
    ofRollbackFrom,
    ofPause: (name) => undoBy(`Resume ${name}`, () => client.services.resume.mutate({ name })),
    ofResume: (name) => undoBy(`Pause ${name}`, () => client.services.pause.mutate({ name })),
    ofSchedule: (name, before) =>
      undoBy(`Give ${name} its former off-hours back`, () =>
        client.services.setSchedule.mutate({
          name,
          schedule: before?.isOverride === true ? before.spec : null,
        }),
      ),
    ofRollback: (name) => {
      const version = queryClient.getQueryData(trpc.services.get.queryKey({ name }))?.desiredVersion
      return version === undefined ? undefined : ofRollbackFrom(name, version)
    },
  }
}
