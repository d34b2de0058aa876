'use client'

import { useQuery } from '@tanstack/react-query'
import { TriangleAlert } from 'lucide-react'
import type { SystemView } from '@skykeep/core/views'
import type { LiveState } from '#src/live/live-feed.ts'
import { useLiveState } from '#src/live/live-provider.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'

interface Warning {
  readonly title: string
  readonly text: string
}

/** What everybody must know now, most urgent first; undefined when all is well. Pure. */
function warningOf(system: SystemView | undefined, error: unknown, live: LiveState): Warning | undefined {
  if (error !== null && error !== undefined) {
    const problem = problemOf(error)
    if (problem.code === 'UNAUTHENTICATED') return undefined
    return {
      title: problem.what,
      text: problem.hint ?? 'Services go on being served. Nothing was torn down.',
    }
  }
  if (live === 'reconnecting') {
    return {
      title: 'The connection to the control plane is gone.',
      text: 'What you see may be old, and it comes back by itself. Services go on being served; what you asked for goes on.',
    }
  }
  if (system === undefined) return undefined
  if (system.storage.state === 'degraded') {
    const title = 'The storage is degraded: nothing can be changed now.'
    return { title, text: `${system.storage.reason} Services go on being served; nothing is torn down.` }
  }
  if (system.role === 'standby') {
    return {
      title: 'This control plane stands by.',
      text: 'Another one holds the persistent path; change things there.',
    }
  }
  const silent = system.processes.filter(({ state }) => state !== 'running' && state !== 'draining')
  if (silent.length === 0) return undefined
  const names = silent.map((process) => `${process.name} (${process.state})`).join(', ')
  return {
    title: `Not all parts are running: ${names}.`,
    text: 'The supervisor restarts them. Services go on being served.',
  }
}

/** A strip under the top bar while something is wrong with the control plane itself. */
export function DegradedBanner() {
  const trpc = useTRPC()
  const system = useQuery(trpc.system.status.queryOptions())
  const warning = warningOf(system.data, system.error, useLiveState())
  return (
    <section aria-live="polite" aria-label="State of the control plane">
      {warning === undefined ? null : (
        <div className="flex items-start gap-2.5 border-b border-line bg-warn-wash px-4 py-2 sm:px-6">
          <TriangleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
          <p className="min-w-0 break-words">
            <strong className="font-semibold">{warning.title}</strong> {warning.text}
          </p>
        </div>
      )}
    </section>
  )
}
