import type { ScopeFields } from '../scope.ts'

export interface SpanWish {
  /** Few different ones: a verb and a kind, never an id. */
  readonly name: string
  readonly fields?: Readonly<ScopeFields>
  /** The caller's W3C traceparent; read leniently. Absent: the span under way is the parent, if there is one. */
  readonly parent?: string | null
  /** What it is to the outside: a request that is answered, a call that is made, or neither. */
  readonly role?: 'server' | 'client'
}

/** The traces of one process. */
export interface Tracing {
  readonly isOn: boolean
  /** Runs `work` beneath a span; a throw is written on it and goes on. */
  span<T>(wish: SpanWish, work: () => Promise<T>): Promise<T>
  /** Sends what waits; 3 s at most. */
  stop(): Promise<void>
}

/** Where traces are posted below a base address (https://opentelemetry.io/docs/specs/otel/protocol/exporter/). Pure. */
export function tracesUrl(endpoint: string): string {
  const base = endpoint.replace(/\/+$/, '')
  return base.endsWith('/v1/traces') ? base : `${base}/v1/traces`
}
