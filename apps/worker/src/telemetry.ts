import type { DatabaseObserver } from '@skykeep/db/observer'
import type { EngineObserver } from '@skykeep/engine/observer'
import type { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import { decorateProvider } from '@skykeep/provider-contract/decorate'
import type { Provider } from '@skykeep/provider-contract/provider'
import { workerMetrics } from '@skykeep/telemetry/metrics/control-plane'
import { createMetrics, type ProcessMetrics } from '@skykeep/telemetry/metrics/registry'
import { inScope } from '@skykeep/telemetry/scope'
import type { Tracing } from '@skykeep/telemetry/traces/tracing'
import { countEvents } from './count-events.ts'
import { workerClock } from './worker-clock.ts'
import { watchRuntime, type WatchedRuntime } from './watch-runtime.ts'

/** What the worker tells of its own work. */
export interface WorkerTelemetry {
  readonly metrics: ProcessMetrics
  readonly tracing: Tracing
  readonly engine: EngineObserver
  readonly database: DatabaseObserver
  watchProvider(provider: Provider): Provider
  watchRuntime(runtime: NodeRuntime): WatchedRuntime
}

/** What a scrape reads of a worker that runs. */
interface RunningWorker {
  readonly engine: { readonly running: number }
  readonly sweep: { readonly orphans: readonly string[] }
}

export interface WorkerTelemetryParts {
  readonly tracing: Tracing
  /** Read when scraped. */
  readonly state: { readonly worker: RunningWorker | undefined }
}

/** Far above what a call may take: it only ends one that would hang for ever. */
const providerDeadlineMs = 120_000

/** Every instrument of the worker, wired to nothing yet. */
export function createWorkerTelemetry({ tracing, state }: WorkerTelemetryParts): WorkerTelemetry {
  const metrics = createMetrics('worker')
  const of = metrics.of(workerMetrics)
  const onEvent = countEvents(of)
  metrics.beforeScrape(() => {
    const { worker } = state
    of.reconcilesRunning.set(worker?.engine.running ?? 0)
    of.orphans.reset()
    for (const orphan of worker?.sweep.orphans ?? []) of.orphans.inc({ infra: infraOf(orphan) })
  })
  return {
    metrics,
    tracing,
    engine: {
      onClaimed: (kind, count) => of.claims.inc({ kind }, count),
      onClaimFailure: () => of.claimFailures.inc(),
      onRun: ({ kind }, outcome, tookMs) => {
        of.reconcileSeconds.observe({ kind, outcome }, tookMs / 1_000)
        if (outcome === 'lease_lost') of.leasesLost.inc({ kind })
      },
      onStale: ({ kind }) => of.leasesLost.inc({ kind }),
      around: ({ kind, uid }, work) =>
        inScope({ kind, uid }, () =>
          tracing.span({ name: `reconcile ${kind}`, fields: { kind, uid } }, work),
        ),
    },
    database: {
      onTransaction: ({ isCommitted, attempts, waitMs, tookMs }) => {
        of.transactionSeconds.observe({ outcome: isCommitted ? 'ok' : 'failed' }, tookMs / 1_000)
        of.transactionWaitSeconds.observe(waitMs / 1_000)
        if (attempts > 1) of.transactionRetries.inc(attempts - 1)
      },
      onEvent,
    },
    watchProvider: (provider) =>
      decorateProvider(provider, {
        clock: workerClock,
        deadlineMs: providerDeadlineMs,
        around: ({ infra, method }, work) =>
          tracing.span({ name: `provider ${method}`, fields: { infra, verb: method }, role: 'client' }, work),
        onCall: ({ infra, method, outcome, durationMs }) =>
          of.providerSeconds.observe({ infra, verb: method, outcome }, durationMs / 1_000),
      }),
    watchRuntime: (runtime) => watchRuntime(runtime, { of, tracing, clock: workerClock }),
  }
}

/** `k8s/context/pod` is a node of `k8s/context`. */
function infraOf(orphan: string): string {
  return orphan.slice(0, orphan.lastIndexOf('/'))
}
