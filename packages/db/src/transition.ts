import { SkykeepError } from '@skykeep/core/errors'
import type { EventPayload } from '@skykeep/core/events'
import { canTransition, isTerminal, type Kind, type StatusOf } from '@skykeep/core/statuses'
import { appendEvent, type Because } from './events.ts'
import { checkLease, notFound, type LeaseHeld } from './guard.ts'
import type { Tx } from './handles.ts'
import { fromMs } from './milliseconds.ts'

export interface Transition<K extends Kind> extends Because {
  readonly kind: K
  /** Of the row; of its service for an endpoint. */
  readonly uid: string
  readonly to: StatusOf[K]
  /** SCREAMING_SNAKE: why. */
  readonly reason: string
  /** One sentence for a person; becomes the row's `statusReason` (without it, the reason does). */
  readonly message?: string
  readonly payload?: EventPayload
  /** Given: the write happens only while this claim is held. */
  readonly lease?: LeaseHeld
}

/**
 * The only door for a status: checks the transition table and the lease, writes the status with its times, and appends a
 * `status.changed` event in the same transaction.
 * @returns the number of the event.
 * @throws NOT_FOUND, ILLEGAL_TRANSITION (also for staying where it is), STALE_LEASE.
 */
export async function transition<K extends Kind>(tx: Tx, change: Transition<K>): Promise<number> {
  if (change.lease !== undefined) await checkLease(tx, change.lease)
  const door: Door<K> = doors[change.kind]
  const row = await door.read(tx, change.uid)
  if (row === null) throw notFound(`${change.kind} ${change.uid}`)
  if (!canTransition(change.kind, row.status, change.to)) {
    throw new SkykeepError(
      'ILLEGAL_TRANSITION',
      `${change.kind} ${change.uid}: ${row.status} may not become ${change.to}`,
    )
  }
  const statusReason = change.message ?? change.reason
  await door.write(tx, change.uid, { to: change.to, statusReason, isEnd: isTerminal(change.kind, change.to) })
  return appendEvent(tx, {
    kind: change.kind,
    uid: change.uid,
    serviceName: row.serviceName,
    type: 'status.changed',
    from: row.status,
    to: change.to,
    reason: change.reason,
    message: change.message ?? '',
    payload: { ...row.about, ...change.payload },
    ...(change.cause === undefined ? {} : { cause: change.cause }),
    ...(change.actor === undefined ? {} : { actor: change.actor }),
  })
}

interface Written<K extends Kind> {
  readonly to: StatusOf[K]
  readonly statusReason: string
  readonly isEnd: boolean
}

interface Before<K extends Kind> {
  readonly status: StatusOf[K]
  readonly serviceName: string
  /** What a person calls the row, for the event: its number. */
  readonly about?: EventPayload
}

interface Door<K extends Kind> {
  read(tx: Tx, uid: string): Promise<Before<K> | null>
  write(tx: Tx, uid: string, written: Written<K>): Promise<unknown>
}

const rowVersion = { increment: 1 }

const doors: { readonly [K in Kind]: Door<K> } = {
  service: {
    async read(tx, uid) {
      const row = await tx.client.service.findUnique({ where: { uid }, select: { status: true, name: true } })
      return row && { status: row.status, serviceName: row.name }
    },
    write: (tx, uid, { to, statusReason, isEnd }) =>
      tx.client.service.update({
        where: { uid },
        // The name is free again once the service is history.
        data: { status: to, statusReason, rowVersion, ...(isEnd ? { livingName: null } : {}) },
      }),
  },
  replica: {
    async read(tx, uid) {
      const select = { status: true, serviceName: true, replicaId: true }
      const row = await tx.client.replica.findUnique({ where: { uid }, select })
      return row && { status: row.status, serviceName: row.serviceName, about: { replicaId: row.replicaId } }
    },
    write: (tx, uid, { to, statusReason }) =>
      tx.client.replica.update({
        where: { uid },
        data: { status: to, statusReason, rowVersion, statusChangedAtMs: fromMs(tx.clock.now()) },
      }),
  },
  operation: {
    async read(tx, uid) {
      const row = await tx.client.operation.findUnique({
        where: { uid },
        select: { status: true, targetName: true },
      })
      return row && { status: row.status, serviceName: row.targetName }
    },
    write: (tx, uid, { to, statusReason, isEnd }) =>
      tx.client.operation.update({
        where: { uid },
        data: {
          status: to,
          statusReason,
          rowVersion,
          ...(isEnd ? { finishedAtMs: fromMs(tx.clock.now()) } : {}),
        },
      }),
  },
  endpoint: {
    async read(tx, serviceUid) {
      const row = await tx.client.endpoint.findUnique({
        where: { serviceUid },
        select: { status: true, service: { select: { name: true } } },
      })
      return row && { status: row.status, serviceName: row.service.name }
    },
    write: (tx, serviceUid, { to, statusReason, isEnd }) =>
      tx.client.endpoint.update({
        where: { serviceUid },
        data: {
          status: to,
          statusReason,
          rowVersion,
          ...(isEnd ? { releasedAtMs: fromMs(tx.clock.now()) } : {}),
        },
      }),
  },
  rollout: {
    async read(tx, uid) {
      const select = { status: true, serviceName: true, fromVersion: true, toVersion: true }
      const row = await tx.client.rollout.findUnique({ where: { uid }, select })
      if (row === null) return null
      const about = { fromVersion: row.fromVersion, toVersion: row.toVersion }
      return { status: row.status, serviceName: row.serviceName, about }
    },
    write: (tx, uid, { to, statusReason, isEnd }) =>
      tx.client.rollout.update({
        where: { uid },
        data: {
          status: to,
          statusReason,
          rowVersion,
          ...(isEnd ? { finishedAtMs: fromMs(tx.clock.now()) } : {}),
        },
      }),
  },
}
