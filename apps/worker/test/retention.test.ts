import { afterEach, expect, it } from 'vitest'
import { listEvents } from '@skykeep/db/events'
import { insertOperation, listOperations } from '@skykeep/db/operations'
import { transition } from '@skykeep/db/transition'
import { until } from '@skykeep/testing/until'
import { WorkerWorld } from './worker-world.ts'

let world: WorkerWorld | undefined
afterEach(async ({ task }) => await world?.destroy(task.result?.state === 'fail'))

it('a worker keeps its history within the limits that it was started with, and says so', async () => {
  world = await WorkerWorld.create()
  const { database } = world
  const service = await world.up('hello', 0)
  await database.transaction(async (tx) => {
    for (let made = 0; made < 150; made += 1) {
      const uid = `op_${String(made).padStart(16, '0')}`
      const target = { targetKind: 'service', targetUid: service.uid, targetName: 'hello' } as const
      await insertOperation(tx, {
        uid,
        workspace: 'default',
        verb: 'serve.up',
        ...target,
        requestedBy: 'usr_a',
      })
      await transition(tx, { kind: 'operation', uid, to: 'CANCELLED', reason: 'TEST' })
    }
  })
  world.startWorker({ SKYKEEP_RETENTION: JSON.stringify({ operations: 100 }) })
  const left = await until(
    'the surplus is gone',
    async () => {
      const { total } = await listOperations(database, { statuses: ['CANCELLED', 'SUCCEEDED'] })
      return total <= 100 && total
    },
    90_000,
  )
  expect(left).toBe(100)
  const event = await until(
    'it is told',
    async () => (await listEvents(database, { types: ['history.pruned'] }))[0],
  )
  expect(event.message).toMatch(/^removed what lies beyond the limits of `retention`.*operations: 5\d/)
})
