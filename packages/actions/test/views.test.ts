import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { LogText, toLogChunk } from '@skykeep/actions/logs/log-text'
import { notReadyReasonOf } from '@skykeep/actions/services/replica-view'
import { shownStatusOf } from '@skykeep/actions/services/service-freshness'
import { problemsOf } from '@skykeep/actions/system/problems'
import type { Replica, Service } from '@skykeep/core/nouns'
import { replicaStatuses } from '@skykeep/core/statuses'
import type { ServiceSummary } from '@skykeep/core/views'

const nowMs = 1_800_000_000_000

const service: Service = {
  uid: 'svc_1',
  workspace: 'default',
  name: 'hello',
  createdAtMs: nowMs - 3_600_000,
  createdBy: 'usr_1',
  desiredVersion: 1,
  desiredReplicas: 2,
  deletionRequestedAtMs: null,
  isPaused: false,
  schedule: null,
  generation: 1,
  status: 'READY',
  statusReason: '',
  targetVersion: 1,
  latestEverReadyVersion: 1,
  observedGeneration: 1,
  nextReplicaId: 3,
  targetReplicas: 2,
  stableVersion: 1,
  readySinceMs: null,
  controllerSeenAtMs: null,
  rowVersion: 1,
  nextReconcileAtMs: null,
  claimCount: 0,
  setAsideReason: null,
  failureCount: 0,
  failureReason: null,
}

describe('invariant 20: the health of a controller is the freshness of its lease, computed when read', () => {
  const seconds = 1_000
  const cases: readonly (readonly [string, Partial<Service>, string])[] = [
    [
      'not due',
      { nextReconcileAtMs: nowMs + 60 * seconds, controllerSeenAtMs: nowMs - 3_000 * seconds },
      'READY',
    ],
    ['never due', { nextReconcileAtMs: null }, 'READY'],
    ['due for 30 s', { nextReconcileAtMs: nowMs - 30 * seconds }, 'READY'],
    ['due for 31 s', { nextReconcileAtMs: nowMs - 31 * seconds }, 'CONTROLLER_FAILED'],
    [
      'due for long, held and renewed',
      { nextReconcileAtMs: nowMs - 900 * seconds, controllerSeenAtMs: nowMs - 10 * seconds },
      'READY',
    ],
    [
      'due for long, last held 31 s ago',
      { nextReconcileAtMs: nowMs - 900 * seconds, controllerSeenAtMs: nowMs - 31 * seconds },
      'CONTROLLER_FAILED',
    ],
    ['new and due', { createdAtMs: nowMs - 5 * seconds, nextReconcileAtMs: nowMs - 90 * seconds }, 'READY'],
    ['set aside', { setAsideReason: 'killed its worker three times' }, 'CONTROLLER_FAILED'],
    ['ended', { status: 'TERMINATED', nextReconcileAtMs: nowMs - 900 * seconds }, 'TERMINATED'],
  ]
  it.each(cases)('%s', (_name, change, status) => {
    const shown = shownStatusOf({ ...service, ...change }, nowMs)
    expect(shown.status).toBe(status)
    expect(shown.statusReason !== '').toBe(status === 'CONTROLLER_FAILED')
  })
})

describe('why a replica is not ready', () => {
  const replica: Replica = {
    uid: 'rep_1',
    serviceUid: 'svc_1',
    serviceName: 'hello',
    replicaId: 1,
    version: 1,
    infra: 'local',
    offerId: '',
    region: '',
    zone: '',
    instanceType: '',
    accelerator: '',
    isSpot: false,
    priceUsdPerHour: 0,
    createdAtMs: nowMs,
    isWanted: true,
    unwantedReason: '',
    status: 'READY',
    statusReason: 'a probe failed earlier',
    statusChangedAtMs: nowMs,
    outcome: null,
    attempt: 1,
    nodeId: null,
    jobId: null,
    host: null,
    port: null,
    pid: null,
    pidStartTime: null,
    bootId: null,
    exitCode: null,
    firstReadyAtMs: null,
    probeFailures: 4,
    probeFailureMs: 61_000,
    startingMs: 0,
    drainStartedAtMs: null,
    unroutedAtTable: null,
    rowVersion: 1,
    nextReconcileAtMs: null,
    claimCount: 0,
    setAsideReason: null,
    failureCount: 0,
    failureReason: null,
  }
  it.each(replicaStatuses)('is said for %s, and only for a replica that is not', (status) => {
    expect(notReadyReasonOf({ ...replica, status }) === null).toBe(status === 'READY')
  })
  it('names the probes, the outcome and the exit code', () => {
    expect(notReadyReasonOf({ ...replica, status: 'NOT_READY', statusReason: 'answered 500' })).toBe(
      'its readiness probe fails: answered 500; 4 probes in a row over 61 s',
    )
    expect(
      notReadyReasonOf({
        ...replica,
        status: 'TERMINATED',
        statusReason: '',
        outcome: 'FAILED',
        exitCode: 3,
      }),
    ).toBe('ended: outcome FAILED; exit code 3')
  })
})

it('puts the disk before services, services before processes, processes before rows that were set aside', () => {
  const summary: ServiceSummary = {
    uid: 'svc_1',
    name: 'hello',
    status: 'FAILED',
    statusReason: 'setup failed',
    endpoint: {
      url: 'http://127.0.0.1:30001',
      port: 30_001,
      status: 'BLOCKED',
      statusReason: 'held by nginx',
    },
    version: 1,
    readyReplicas: 0,
    targetReplicas: 1,
    createdAtMs: nowMs,
    createdBy: 'ada',
    rollout: null,
    traffic: null,
  }
  const process = { pid: 7, port: null, startedAtMs: nowMs, build: 'b', drain: null, faults: [] }
  const problems = problemsOf({
    storage: { state: 'degraded', reason: 'disk full', freeBytes: 0, reserveBytes: 0 },
    services: [summary, { ...summary, name: 'fine', status: 'READY', endpoint: null }],
    processes: [
      { ...process, name: 'web', state: 'running' },
      { ...process, name: 'worker', state: 'not answering' },
      { ...process, name: 'gateway-0', state: 'draining', drain: { endsInMs: 9, connections: 1 } },
    ],
    setAside: [{ kind: 'replica', uid: 'rep_9', reason: 'three times' }],
  })
  expect(problems.map((problem) => problem.title)).toEqual([
    'Storage is degraded',
    'hello: FAILED',
    'hello: port 30001 is held by something else',
    'worker is not answering',
    'A replica was set aside',
  ])
})

describe('the text of a log', () => {
  const text = fc.string({ unit: 'grapheme', maxLength: 60 })

  it('is whole, however the bytes are cut into pieces that follow one another', () => {
    fc.assert(
      fc.property(text, fc.array(fc.integer({ min: 1, max: 7 }), { minLength: 1 }), (whole, sizes) => {
        const bytes = new TextEncoder().encode(whole)
        const reader = new LogText()
        let read = ''
        for (let at = 0, turn = 0; at < bytes.byteLength; turn += 1) {
          const next = Math.min(bytes.byteLength, at + (sizes[turn % sizes.length] ?? 1))
          const piece = {
            offset: at,
            bytes: bytes.subarray(at, next),
            nextOffset: next,
            firstOffset: 0,
            isEnded: false,
          }
          read += reader.next(piece)?.text ?? ''
          at = next
        }
        expect(read).toBe(whole)
      }),
    )
  })

  it('is whole when each read goes on where the one before ended', () => {
    fc.assert(
      fc.property(text, fc.integer({ min: 16, max: 20 }), (whole, limit) => {
        const bytes = new TextEncoder().encode(whole)
        let read = ''
        for (let at = 0; at < bytes.byteLength;) {
          const nextOffset = Math.min(bytes.byteLength, at + limit)
          const piece = bytes.subarray(at, nextOffset)
          const chunk = toLogChunk({ offset: at, bytes: piece, nextOffset, firstOffset: 0, isEnded: false })
          expect(chunk.nextOffset).toBeGreaterThan(at)
          read += chunk.text
          at = chunk.nextOffset
        }
        expect(read).toBe(whole)
      }),
    )
  })

  it('shows bytes that are no text, cut or not', () => {
    const bytes = new Uint8Array([0x61, 0xff, 0x62, 0xe2, 0x82])
    const piece = { offset: 0, bytes, nextOffset: 5, firstOffset: 0 }
    expect(toLogChunk({ ...piece, isEnded: false })).toMatchObject({ text: 'a\ufffdb', nextOffset: 3 })
    expect(toLogChunk({ ...piece, isEnded: true })).toMatchObject({ text: 'a\ufffdb\ufffd', nextOffset: 5 })
  })
})
