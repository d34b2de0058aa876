import type { Clock } from '@skykeep/core/clock'
import type { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { workerMetrics } from '@skykeep/telemetry/metrics/control-plane'
import type { Instruments } from '@skykeep/telemetry/metrics/registry'
import type { Tracing } from '@skykeep/telemetry/traces/tracing'

/** The runtime of nodes, as controllers use it. */
export type WatchedRuntime = Pick<NodeRuntime, 'startJob' | 'describeJob' | 'stopJob'>

export interface RuntimeWatch {
  readonly of: Instruments<typeof workerMetrics>
  readonly tracing: Tracing
  readonly clock: Clock
}

/** The same runtime with a span and a measure around each call. */
export function watchRuntime(runtime: NodeRuntime, { of, tracing, clock }: RuntimeWatch): WatchedRuntime {
  const watched = async <T>(verb: keyof WatchedRuntime, node: string, call: () => Promise<T>): Promise<T> => {
    const fromMs = clock.monotonicMs()
    let outcome = 'failed'
    try {
      const result = await tracing.span(
        { name: `node ${verb}`, fields: { node, verb }, role: 'client' },
        call,
      )
      outcome = 'ok'
      return result
    } finally {
      of.nodeSeconds.observe({ verb, outcome }, (clock.monotonicMs() - fromMs) / 1_000)
    }
  }
  return {
    startJob: (runner, request) =>
      watched('startJob', runner.nodeId, () => runtime.startJob(runner, request)),
    describeJob: (runner, jobId) =>
      watched('describeJob', runner.nodeId, () => runtime.describeJob(runner, jobId)),
    stopJob: (runner, jobId, graceMs) =>
      watched('stopJob', runner.nodeId, () => runtime.stopJob(runner, jobId, graceMs)),
  }
}
