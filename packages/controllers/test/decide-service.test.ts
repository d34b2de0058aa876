import { assert, boolean, constantFrom, integer, pre, property, record, uniqueArray } from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Replica, Service } from '@skykeep/core/nouns'
import { canTransition, replicaOutcomes, replicaStatuses, serviceStatuses } from '@skykeep/core/statuses'
import { decideService } from '../src/services/decide.ts'
import { isLiving, type ServiceStep } from '../src/services/facts.ts'
import { failureStreak } from '../src/services/failure-streak.ts'
import { replicaRow, serviceRow } from './builders.ts'
import { factsOf } from './service-facts.ts'

function stepsFor(service: Service, replicas: readonly Replica[], sinceLastEndMs: number | null = null) {
  return decideService(factsOf(service, replicas, { sinceLastEndMs }))
}

function only<T extends ServiceStep['type']>(steps: readonly ServiceStep[], type: T) {
  return steps.filter((step): step is Extract<ServiceStep, { type: T }> => step.type === type)
}

function unwantedBy(service: Service, replicas: readonly Replica[]): ReadonlySet<string> {
  return new Set(only(stepsFor(service, replicas).steps, 'unwant').flatMap(({ uids }) => uids))
}

const failed = (id: number, fields: Partial<Replica> = {}) =>
  replicaRow(id, { status: 'TERMINATED', outcome: 'FAILED', statusReason: 'run exited with 1', ...fields })

const replicaArbitrary = record({
  replicaId: integer({ min: 1, max: 30 }),
  status: constantFrom(...replicaStatuses),
  version: integer({ min: 1, max: 2 }),
  isWanted: boolean(),
  outcome: constantFrom(null, ...replicaOutcomes),
  firstReadyAtMs: constantFrom(null, 5),
  statusChangedAtMs: constantFrom(6, 100_000),
}).map(({ replicaId, ...fields }) => replicaRow(replicaId, fields))
const replicasArbitrary = uniqueArray(replicaArbitrary, { selector: ({ uid }) => uid, maxLength: 12 })
const serviceArbitrary = record({
  status: constantFrom(...serviceStatuses),
  desiredReplicas: integer({ min: 0, max: 12 }),
  targetVersion: integer({ min: 1, max: 2 }),
  latestEverReadyVersion: integer({ min: 0, max: 2 }),
  deletionRequestedAtMs: constantFrom(null, 1),
}).map(serviceRow)

describe('service decision', () => {
  it('creates what is missing, at most eight launches at once (invariant 19)', () => {
    expect(only(stepsFor(serviceRow(), []).steps, 'create-replicas')).toEqual([
      { type: 'create-replicas', version: 1, offers: [null, null] },
    ])
    const launching = [1, 2, 3].map((id) => replicaRow(id, { status: 'PROVISIONING' }))
    const many = stepsFor(serviceRow({ desiredReplicas: 100 }), launching)
    expect(only(many.steps, 'create-replicas')[0]?.offers).toHaveLength(5)
  })

  it('replaces at once what had been ready for long, and pauses longer and longer for what never was', () => {
    const wasReady = failed(1, { firstReadyAtMs: 1, statusChangedAtMs: 100_000 })
    expect(only(stepsFor(serviceRow(), [wasReady], 0).steps, 'create-replicas')).toHaveLength(1)
    const pauses = [1, 2, 3, 4, 12].map((n) => {
      const ended = Array.from({ length: n }, (_, index) => failed(index + 1))
      return stepsFor(serviceRow({ desiredReplicas: 1 }), ended, 0).requeueAfterMs
    })
    expect(pauses).toEqual([1_000, 2_000, 4_000, 8_000, 300_000])
  })

  it('replaces the first crash of a replica that was ready only briefly at once, then pauses', () => {
    const brief = { firstReadyAtMs: 1, statusChangedAtMs: 2 }
    expect(only(stepsFor(serviceRow(), [failed(1, brief)], 0).steps, 'create-replicas')).toHaveLength(1)
    const second = stepsFor(serviceRow(), [failed(1, brief), failed(2, brief)], 0)
    expect(only(second.steps, 'create-replicas')).toHaveLength(0)
    expect(second.requeueAfterMs).toBe(1_000)
  })

  it('invariant 19: a lost host is not charged to the service', () => {
    const lost = [1, 2, 3, 4].map((id) => replicaRow(id, { status: 'TERMINATED', outcome: 'LOST' }))
    const { steps } = stepsFor(serviceRow({ latestEverReadyVersion: 1, status: 'NO_REPLICA' }), lost, 0)
    expect(only(steps, 'create-replicas')).toHaveLength(1)
    expect(only(steps, 'set-status')).toHaveLength(0)
    expect(failureStreak(lost, () => true).neverReady).toBe(0)
  })

  it('FAILED after three that never became ready, and it keeps trying', () => {
    const ended = [failed(1), failed(2), failed(3)]
    const { steps } = stepsFor(serviceRow(), ended, 10_000)
    expect(only(steps, 'set-status')[0]).toMatchObject({
      to: 'FAILED',
      message: expect.stringContaining('exited with 1'),
    })
    expect(only(steps, 'create-replicas')).toHaveLength(1)
  })

  it('one that becomes ready ends the streak', () => {
    const ready = replicaRow(4, { status: 'READY', firstReadyAtMs: 1 })
    const { steps } = stepsFor(serviceRow({ status: 'FAILED' }), [failed(1), failed(2), failed(3), ready])
    expect(only(steps, 'set-status')[0]?.to).toBe('READY')
  })

  it('removes surplus in SkyServe order: the least useful and the newest first', () => {
    const replicas = [
      replicaRow(1, { status: 'READY' }),
      replicaRow(2, { status: 'READY' }),
      replicaRow(3, { status: 'NOT_READY' }),
      replicaRow(4, { status: 'STARTING' }),
      replicaRow(5, { status: 'PENDING' }),
    ]
    const { steps } = stepsFor(serviceRow({ desiredReplicas: 1 }), replicas)
    expect(only(steps, 'unwant')[0]?.uids).toEqual(['rep_5', 'rep_4', 'rep_3', 'rep_2'])
  })

  it('an old version goes only as far as ready ones of the new version stand in', () => {
    const replicas = [
      replicaRow(1, { status: 'READY' }),
      replicaRow(2, { status: 'READY' }),
      replicaRow(3, { status: 'READY', version: 2 }),
      replicaRow(4, { status: 'STARTING', version: 2 }),
    ]
    const { steps } = stepsFor(serviceRow({ desiredVersion: 2, targetVersion: 2 }), replicas)
    expect(only(steps, 'unwant')[0]?.uids).toEqual(['rep_2'])
  })

  it('down: unwants all, waits for the last, for the gateways, then frees the port and ends', () => {
    const service = serviceRow({ deletionRequestedAtMs: 1, status: 'SHUTTING_DOWN' })
    expect(stepsFor(service, [replicaRow(1, { status: 'READY' })]).steps).toEqual([
      { type: 'unwant', uids: ['rep_1'], reason: 'SERVICE_DOWN' },
    ])
    const leaving = [replicaRow(1, { status: 'SHUTTING_DOWN', isWanted: false })]
    expect(stepsFor(service, leaving).steps).toEqual([])
    expect(decideService(factsOf(service, [], { isUnrouted: false }))).toEqual({
      steps: [],
      requeueAfterMs: 500,
    })
    expect(decideService(factsOf(service, [], { isUnrouted: true })).steps.map(({ type }) => type)).toEqual([
      'release-endpoint',
      'set-status',
    ])
  })

  it('never unwants a READY replica while at least as many are wanted as live', () => {
    assert(
      property(serviceArbitrary, replicasArbitrary, (service, replicas) => {
        pre(service.deletionRequestedAtMs === null)
        const current = replicas.filter((each) => isLiving(each) && each.version === service.targetVersion)
        pre(service.desiredReplicas >= current.length)
        const unwanted = unwantedBy(service, replicas)
        expect(current.some((each) => each.status === 'READY' && unwanted.has(each.uid))).toBe(false)
      }),
    )
  })

  it('never leaves fewer ready replicas than wanted by removing one', () => {
    assert(
      property(serviceArbitrary, replicasArbitrary, (service, replicas) => {
        pre(service.deletionRequestedAtMs === null)
        const unwanted = unwantedBy(service, replicas)
        const ready = replicas.filter((each) => isLiving(each) && each.status === 'READY')
        const kept = ready.filter(({ uid }) => !unwanted.has(uid))
        expect(kept.length).toBeGreaterThanOrEqual(Math.min(service.desiredReplicas, ready.length))
      }),
    )
  })

  it('asks only for transitions that the table allows, from every status', () => {
    assert(
      property(serviceArbitrary, replicasArbitrary, (service, replicas) => {
        pre(
          service.deletionRequestedAtMs !== null || !['SHUTTING_DOWN', 'TERMINATED'].includes(service.status),
        )
        for (const { to } of only(stepsFor(service, replicas).steps, 'set-status')) {
          expect(canTransition('service', service.status, to), `${service.status} -> ${to}`).toBe(true)
        }
      }),
    )
  })
})
