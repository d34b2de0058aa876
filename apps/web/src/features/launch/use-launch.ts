'use client'

import { keepPreviousData, useMutation, useQuery } from '@tanstack/react-query'
import type { DiffView, ServiceCheckView } from '@skykeep/core/views'
import { useTRPCClient } from '#src/trpc/client.ts'
import type { ChosenFolder } from './folder/chosen-folder.ts'
import { sendFolder } from './folder/send-folder.ts'
import { valuesOf, type GivenValue } from './open-values.ts'

/** What is to be launched, as it stands on the page. */
export interface Wish {
  readonly yaml: string
  readonly given: readonly GivenValue[]
  /** Null: none was chosen. */
  readonly folder: ChosenFolder | null
}

/** What the parser says of the text, from the server: there is no second one here. */
export function useCheck({ yaml, given }: Wish) {
  const client = useTRPCClient()
  return useQuery({
    queryKey: ['launch', 'check', yaml, valuesOf(given)],
    queryFn: (): Promise<ServiceCheckView> => client.services.check.mutate({ yaml, ...valuesOf(given) }),
    enabled: yaml.trim() !== '',
    placeholderData: keepPreviousData,
    gcTime: 0,
  })
}

/** Uploads that were sent and not used up yet: a diff and the update after it send a folder once. */
const sent = new WeakMap<ChosenFolder, Promise<string>>()

function uploadOf(folder: ChosenFolder): Promise<string> {
  const known = sent.get(folder) ?? sendFolder(folder)
  sent.set(folder, known)
  // A transfer that failed is tried again.
  known.catch(() => sent.delete(folder))
  return known
}

async function inputOf(wish: Wish, hasWorkdir: boolean) {
  const upload = hasWorkdir && wish.folder !== null ? { uploadId: await uploadOf(wish.folder) } : {}
  return { yaml: wish.yaml, ...valuesOf(wish.given), ...upload }
}

/** What an update of the living service would change. Asked for only once the check is that of this very text. */
export function useDiff(wish: Wish, check: ServiceCheckView | undefined, isOld: boolean) {
  const client = useTRPCClient()
  const spec = check?.spec
  const living = check?.living ?? null
  return useQuery({
    queryKey: ['launch', 'diff', wish.yaml, valuesOf(wish.given), wish.folder?.id, living?.version],
    queryFn: async (): Promise<DiffView> =>
      await client.services.diff.mutate({
        ...(await inputOf(wish, spec?.task.workdir !== undefined)),
        name: spec?.name ?? '',
        isUploadKept: true,
        isWorkdirKept: true,
      }),
    enabled: !isOld && spec !== undefined && living !== null && !living.isGoing,
    placeholderData: keepPreviousData,
    retry: false,
    gcTime: 0,
  })
}

/** Asks for what is on the page: a new service, or an update of the living one. */
export function useAskForLaunch() {
  const client = useTRPCClient()
  return useMutation({
    mutationFn: async ({ wish, check }: { readonly wish: Wish; readonly check: ServiceCheckView }) => {
      const { spec, living } = check
      if (spec === undefined) throw new Error('The YAML has errors: mend them first.')
      const input = await inputOf(wish, spec.task.workdir !== undefined)
      const { name } = spec
      const result =
        living === null || living === undefined
          ? await client.services.up.mutate(input)
          : await client.services.update.mutate({ ...input, name, isWorkdirKept: true })
      if (wish.folder !== null) sent.delete(wish.folder)
      return { operationUid: result.operationUid, name, note: result.note }
    },
  })
}
