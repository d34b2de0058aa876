import { expect, it } from 'vitest'
import type { EventView } from '@skykeep/core/views'
import { concernsOf, concernsOfAll } from '../src/live/concerns.ts'

const event = (changes: Partial<EventView>): EventView => ({
  seq: 1,
  atMs: 0,
  kind: 'replica',
  uid: 'rep_1',
  serviceName: 'hello',
  type: 'status.changed',
  from: 'STARTING',
  to: 'READY',
  reason: '',
  message: '',
  payload: {},
  cause: '',
  actor: 'controller',
  ...changes,
})

it('refetches only the service that an event names', () => {
  const concerns = concernsOf(event({}))
  expect(concerns).toContainEqual({ procedure: 'services.get', name: 'hello' })
  expect(concerns).not.toContainEqual({ procedure: 'operations.list' })
  expect(concerns.filter((each) => each.procedure === 'services.get')).toHaveLength(1)
})

it('a probe leaves the lists and the overview alone', () => {
  expect(concernsOf(event({ type: 'replica.probe' })).map((each) => each.procedure)).toEqual([
    'events.list',
    'services.get',
  ])
})

it('an event caused by an operation refreshes its progress', () => {
  expect(concernsOf(event({ cause: 'op_7' }))).toContainEqual({ procedure: 'operations.get', uid: 'op_7' })
})

it('a burst asks for each query once', () => {
  const burst = Array.from({ length: 50 }, (_, seq) => event({ seq }))
  expect(concernsOfAll(burst)).toHaveLength(concernsOf(event({})).length)
})

it('a backup that was made or checked makes old what is shown of the state; a drill, the list of the last ones', () => {
  const system = concernsOf(event({ kind: 'system', serviceName: '', type: 'state.verified' }))
  expect(system).toContainEqual({ procedure: 'state.backups' })
  const drill = concernsOf(event({ kind: 'service', type: 'drill.finished' }))
  expect(drill).toContainEqual({ procedure: 'drills.latest' })
  expect(concernsOf(event({ kind: 'service' }))).not.toContainEqual({ procedure: 'drills.latest' })
})

it('a key or a token of a service that was made or revoked makes old the list of those alone', () => {
  const key = concernsOf(event({ kind: 'service', type: 'service-key.revoked' }))
  expect(key).toContainEqual({ procedure: 'serviceKeys.list' })
  expect(key).not.toContainEqual({ procedure: 'serviceKeys.revokedTokens' })
  const token = concernsOf(event({ kind: 'service', type: 'service-token.revoked' }))
  expect(token).toContainEqual({ procedure: 'serviceKeys.revokedTokens' })
  expect(token).not.toContainEqual({ procedure: 'serviceKeys.list' })
})
