import type { Kind } from './statuses.ts'

/** One line of the only log that timeline, audit, watch and recovery read. */
export interface SkykeepEvent {
  /** Visible only once every lower number is. */
  readonly seq: number
  readonly atMs: number
  readonly kind: Kind | 'system'
  readonly uid: string
  /** Name of the service the event belongs to, or empty. */
  readonly serviceName: string
  readonly type: EventType
  readonly from: string | null
  readonly to: string | null
  /** A short machine word, SCREAMING_SNAKE: why. */
  readonly reason: string
  /** One sentence for a person. Never a secret. */
  readonly message: string
  readonly payload: EventPayload
  /** uid of the operation, event or process that caused it, or empty. */
  readonly cause: string
  /** Who: a user uid, or `controller`. */
  readonly actor: string
}

export type JsonValue =
  string | number | boolean | null | readonly JsonValue[] | { readonly [key: string]: JsonValue }
export type EventPayload = { readonly [key: string]: JsonValue }

export const eventTypes = [
  'status.changed',
  'operation.progress',
  'service.desired',
  'service.scaled',
  'rollout.progress',
  'drill.started',
  'drill.progress',
  'drill.finished',
  'replica.created',
  'replica.launched',
  'replica.probe',
  'recovery.report',
  'requests.unfinished',
  'plane.started',
  'plane.fenced',
  'storage.degraded',
  'storage.recovered',
  'orphan.found',
  'state.backed-up',
  'state.verified',
  'state.failed',
  'state.restored',
  'state.moved',
  'key.rotated',
  'history.pruned',
  'row.set-aside',
  'user.signed-in',
  'token.created',
  'token.revoked',
  'service-key.created',
  'service-key.revoked',
  'service-token.revoked',
] as const
export type EventType = (typeof eventTypes)[number]
