import { shownErrorOf } from '@skykeep/api/errors'
import type { CallObserver } from '@skykeep/api/trpc'
import { inScope } from '@skykeep/telemetry/scope'
import { watching } from './watching.ts'

/**
 * Measures and traces the calls of one request.
 * @param traceparent as the client sent it; one that cannot be read begins a new trace.
 */
export function observeCalls(traceparent: string | null): CallObserver {
  const { web, tracing } = watching()
  return {
    call: async (procedure, run) => {
      const fromMs = performance.now()
      const { span } = await tracing
      const parent = traceparent === null ? {} : { parent: traceparent }
      const wish = { name: procedure, fields: { procedure }, role: 'server', ...parent } as const
      const result = await inScope({ procedure }, () => span(wish, run))
      const code = result.ok ? 'OK' : shownErrorOf(result.error).code
      web.requestSeconds.observe({ procedure, code }, (performance.now() - fromMs) / 1_000)
      return result
    },
    streamOpened: (procedure) => {
      web.streams.inc({ procedure })
      return () => web.streams.dec({ procedure })
    },
  }
}
