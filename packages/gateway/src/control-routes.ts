import { SkykeepError } from '@skykeep/core/errors'
import type { Gateway } from './gateway.ts'
import type { GatewayProcess } from './gateway-process.ts'
import { gatewayExposition } from './metrics.ts'
import { parseProgram } from './successor.ts'

const defaultGraceMs = 30_000
/** `GET /running` names requests that have been in flight for longer. */
const runningAfterMs = 250

export interface ControlRequest {
  readonly query: URLSearchParams
  readonly body: unknown
}

/** How the app sends a text, and this process's own figures. */
export interface MetricsAnswer {
  readonly process: string
  /** Memory, processor, event loop: the exposition of every process. */
  readonly ownText: () => Promise<string>
  readonly asText: (text: string) => unknown
}

/** The endpoints of one gateway process's control socket, by `METHOD /path`; each answer is JSON. */
export function controlRoutes(
  process: GatewayProcess,
  gateway: Gateway,
  metrics: MetricsAnswer,
): Record<string, (request: ControlRequest) => unknown> {
  const { counts, inFlight } = gateway.plane
  return {
    'GET /metrics': async () =>
      metrics.asText((await metrics.ownText()) + gatewayExposition(gateway, metrics.process)),
    'GET /health': () => process.health(),
    'GET /status': () => process.status(),
    'POST /reload': () => process.reload(),
    'POST /rebase': ({ body }) => {
      const root: unknown = fieldOf(body, 'root')
      if (typeof root !== 'string') throw new SkykeepError('INVALID_INPUT', 'root must be a string')
      return process.rebase(root)
    },
    'GET /counts': ({ query }) => counts.after(Number(query.get('after') ?? 0)),
    'POST /counts/ack': ({ body }) => {
      counts.ack(numberOf(body, 'seq'))
      return { acked: true }
    },
    'GET /running': () => inFlight.lasting(runningAfterMs),
    'GET /unfinished': () => process.unfinished(),
    'POST /unfinished/ack': ({ body }) => {
      const epoch: unknown = fieldOf(body, 'epoch')
      if (typeof epoch !== 'string') throw new SkykeepError('INVALID_INPUT', 'epoch must be a string')
      return { acked: process.ackUnfinished(epoch) }
    },
    'POST /stop': ({ body }) => {
      const graceMs = fieldOf(body, 'graceMs') === undefined ? defaultGraceMs : numberOf(body, 'graceMs')
      const idleMs = fieldOf(body, 'idleMs') === undefined ? 0 : numberOf(body, 'idleMs')
      setImmediate(() => void process.stop(graceMs, idleMs))
      return { stopping: true }
    },
    'POST /hand-over': ({ body }) => {
      process.handOver(parseProgram(body))
      return { isHandingOver: true }
    },
  }
}

function fieldOf(body: unknown, name: string): unknown {
  return typeof body === 'object' && body !== null ? Reflect.get(body, name) : undefined
}

function numberOf(body: unknown, name: string): number {
  const value = fieldOf(body, name)
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new SkykeepError('INVALID_INPUT', `${name} must be a number, 0 or more`)
}
