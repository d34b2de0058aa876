import { describe, expect, it } from 'vitest'
import type { Rollout } from '@skykeep/core/nouns'
import { cancelWays, operationVerbs } from '@skykeep/core/operation-verbs'
import { defaultUpdatePolicy } from '@skykeep/core/service-spec'
import {
  operationStatuses,
  rolloutStatuses,
  serviceStatuses,
  canTransition,
  isTerminal,
} from '@skykeep/core/statuses'
import { decideOperation } from '../src/operations/decide.ts'
import { operationRow, replicaRow, serviceRow } from './builders.ts'

const rolloutRow = (status: Rollout['status']): Rollout => ({
  uid: 'rol_a',
  serviceUid: 'svc_a',
  serviceName: 'hello',
  operationUid: 'op_a',
  fromVersion: 1,
  toVersion: 2,
  mode: 'rolling',
  settings: defaultUpdatePolicy,
  rowVersion: 1,
  status,
  statusReason: '',
  isPaused: false,
  isCancelled: true,
  step: 0,
  stepMs: 0,
  stalledMs: 0,
  readyPeak: 0,
  gate: null,
  createdAtMs: 0,
  createdBy: 'usr_a',
  finishedAtMs: null,
})

/** Every place in which a cancelled request can find its service. */
const situations = serviceStatuses.flatMap((status) =>
  [...rolloutStatuses, null].flatMap((rollout) =>
    [0, 1].flatMap((replicas) => [
      { status, rollout, replicas, isPaused: true, isGoing: false },
      { status, rollout, replicas, isPaused: false, isGoing: false },
      { status, rollout, replicas, isPaused: false, isGoing: true },
    ]),
  ),
)
type Situation = (typeof situations)[number]

/** Where CANCELLED may be said: the place that the verb's way promises, or one that somebody else asked for since. */
const arrived: Readonly<Record<'taken-down' | 'version-before' | 'paused', (at: Situation) => boolean>> = {
  'taken-down': ({ status }) => status === 'TERMINATED',
  'version-before': ({ rollout, isGoing }) =>
    isGoing || rollout === null || rollout === 'ROLLED_BACK' || rollout === 'SUPERSEDED',
  paused: ({ status, replicas, isPaused, isGoing }) =>
    isGoing || !isPaused || (status === 'PAUSED' && replicas === 0),
}

describe('the end of a cancelled operation', () => {
  it.each(operationVerbs)('%s: CANCELLED only at its safe place, in every pair of statuses', (verb) => {
    const way = cancelWays[verb].to
    const wrong: string[] = []
    for (const status of operationStatuses) {
      for (const at of situations) {
        const facts = {
          service: serviceRow({
            status: at.status,
            isPaused: at.isPaused,
            deletionRequestedAtMs: at.isGoing ? 1 : null,
          }),
          replicas: Array.from({ length: at.replicas }, (_, index) => replicaRow(index + 1)),
          endpoint: null,
          rollout: at.rollout === null ? null : rolloutRow(at.rollout),
          replica: null,
          routedReplicas: 0,
        }
        const operation = operationRow({ verb, status })
        const cancelled = { ...operation, cancelRequestedAtMs: 1, cancelRequestedBy: 'usr_a' }
        const { to } = decideOperation({ ...facts, operation: cancelled })
        const wronged = isTerminal('operation', status)
          ? to !== null
          : way === null
            ? to !== decideOperation({ ...facts, operation }).to
            : (to === 'CANCELLED') !== arrived[way](at)
        const isIllegal = to !== null && !canTransition('operation', status, to)
        if (wronged || isIllegal) wrong.push(`${status} ${JSON.stringify(at)}: ${to ?? 'goes on'}`)
      }
    }
    expect(wrong).toEqual([])
  })
})
