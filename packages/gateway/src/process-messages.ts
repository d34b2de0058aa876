import type { BlockedPort, GatewayStatus } from '@skykeep/core/routes'
import { isProcessIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** Interval of the heartbeat between a leader and its siblings, milliseconds. */
export const heartbeatMs = 500
/** Heartbeats in a row without an answer after which the other side is taken for stuck: 3 s, on the observer's clock. */
export const missedHeartbeats = 6

/** What a leader tells a sibling. `listen` carries a listening socket. */
export type LeaderMessage =
  | {
      readonly type: 'ping'
      readonly leader: ProcessIdentity
      /** Persistent path that all of them serve from. */
      readonly root: string
      readonly processes: GatewayStatus['siblings']
      readonly blockedPorts: readonly BlockedPort[]
    }
  | { readonly type: 'listen'; readonly port: number; readonly host: string }
  | { readonly type: 'reload' }
  | { readonly type: 'stop'; readonly graceMs: number; readonly idleMs?: number }

/** What a sibling tells its leader. */
export type SiblingMessage =
  | { readonly type: 'ready' }
  | { readonly type: 'pong'; readonly ports: readonly number[]; readonly root: string }
  | { readonly type: 'reload' }
  | { readonly type: 'rebase'; readonly root: string }

/** The message, when it is one of a leader's. */
export function parseLeaderMessage(value: unknown): LeaderMessage | null {
  if (typeof value !== 'object' || value === null) return null
  const message = value as LeaderMessage // from our own process over its private channel; the kinds are checked below
  switch (message.type) {
    case 'ping':
      return isProcessIdentity(message.leader) && typeof message.root === 'string' ? message : null
    case 'listen':
    case 'reload':
    case 'stop':
      return message
    default:
      return null
  }
}

/** The message, when it is one of a sibling's. */
export function parseSiblingMessage(value: unknown): SiblingMessage | null {
  if (typeof value !== 'object' || value === null) return null
  const message = value as SiblingMessage // from our own child over its private channel; the kinds are checked below
  switch (message.type) {
    case 'ready':
    case 'reload':
      return message
    case 'pong':
      return Array.isArray(message.ports) ? message : null
    case 'rebase':
      return typeof message.root === 'string' ? message : null
    default:
      return null
  }
}
