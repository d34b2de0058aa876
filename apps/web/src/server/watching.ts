import { planeMetrics, webMetrics } from '@skykeep/telemetry/metrics/plane'
import { workerMetrics } from '@skykeep/telemetry/metrics/control-plane'
import { createMetrics, type Instruments, type ProcessMetrics } from '@skykeep/telemetry/metrics/registry'
import { openTracing, type Tracing } from '@skykeep/telemetry/traces/tracing'
import { readEnv } from './env.ts'

// What of the worker's declarations any process counts, as it commits, too.
const { transitions, transactionSeconds, transactionWaitSeconds, transactionRetries } = workerMetrics
const committed = { transitions, transactionSeconds, transactionWaitSeconds, transactionRetries }

/** What this process tells of itself. */
export interface Watching {
  readonly metrics: ProcessMetrics
  readonly plane: Instruments<typeof planeMetrics>
  readonly web: Instruments<typeof webMetrics>
  readonly committed: Instruments<typeof committed>
  readonly tracing: Promise<Tracing>
}

// Next bundles routes and instrumentation apart; one process has one registry all the same.
const key = Symbol.for('skykeep.web.watching')

export function watching(): Watching {
  const slots: Record<symbol, unknown> = Object(globalThis)
  // Only this function writes the slot.
  return (slots[key] ??= create()) as Watching
}

function create(): Watching {
  const metrics = createMetrics('web')
  return {
    metrics,
    plane: metrics.of(planeMetrics),
    web: metrics.of(webMetrics),
    committed: metrics.of(committed),
    tracing: openTracing({ process: 'web', endpoint: readEnv().otlpEndpoint }),
  }
}
