import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { sweepInterruptedUps } from '@skykeep/actions/services/sweep-interrupted-ups'
import type { Database } from '@skykeep/db/handles'
import { listOperations } from '@skykeep/db/operations'
import { listRollouts } from '@skykeep/db/rollouts'
import { findService } from '@skykeep/db/services'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase, type TestDatabase } from '@skykeep/testing/databases'
import { withPoints } from '@skykeep/testing/simulation/database'
import { pointsAtFiles } from '@skykeep/testing/simulation/files'
import { Task } from '@skykeep/testing/simulation/task'
import { ask, helloYaml, type Sent } from './rest-world.ts'

pointsAtFiles()

interface Story {
  readonly name: string
  /** Brings about what the request needs of a service. */
  readonly prepare: (world: ActionWorld, service: string) => Promise<unknown>
  readonly lineOf: (service: string) => string
  readonly bodyOf: (service: string) => object
  /** How many operations of the service there are afterwards. */
  readonly operations: number
}

const up = (world: ActionWorld, name: string): Promise<Response> =>
  ask(world, 'POST /services', { json: { yaml: helloYaml, name } })
const changed = helloYaml.replace('http.server', 'http.server -d .')

const stories: readonly Story[] = [
  {
    name: 'up',
    prepare: async () => undefined,
    lineOf: () => 'POST /services',
    bodyOf: (name) => ({ yaml: helloYaml, name }),
    operations: 1,
  },
  {
    name: 'update',
    prepare: up,
    lineOf: (name) => `POST /services/${name}/versions`,
    bodyOf: () => ({ yaml: changed }),
    operations: 2,
  },
  {
    name: 'rollback',
    prepare: async (world, name) => {
      await up(world, name)
      await ask(world, `POST /services/${name}/versions`, { json: { yaml: changed } })
    },
    lineOf: (name) => `POST /services/${name}/rollback`,
    bodyOf: () => ({ to: 1 }),
    operations: 3,
  },
]

/** More than any story has: the end of a story is reached when nobody died. */
const pointsMax = 60

forEachDatabase('death between effect and reply', (source) => {
  let world: ActionWorld
  let database: TestDatabase

  beforeAll(async () => {
    database = await source.create()
    world = await createActionWorld(database)
  })
  afterAll(() => world.close())

  /** What is there of a service: operations and rollouts. */
  const effectsOf = async (name: string): Promise<readonly [number, number]> => {
    const service = await findService(world.services.db, 'default', name)
    if (service === null) return [0, 0]
    const { total } = await listOperations(world.services.db, { targetUid: service.uid })
    return [total, (await listRollouts(world.services.db, service.uid, 100)).length]
  }
  /** The client repeats what it was not answered; a new process has swept up before. */
  const repeat = async (line: string, sent: Sent): Promise<Response> => {
    await sweepInterruptedUps(world.services)
    return await ask(world, line, sent)
  }

  describe.each(stories)('$name', ({ name: story, prepare, lineOf, bodyOf, operations }) => {
    const effects = [operations, operations - 1] as const

    it.each(['before', 'within', 'after'])(
      'by SIGKILL %s the commit: there is both or nothing, and the repetition has one effect',
      async (place) => {
        const name = `${story}-${place}`
        await prepare(world, name)
        const [line, json] = [lineOf(name), bodyOf(name)]
        const before = await effectsOf(name)
        const script = join(import.meta.dirname, 'killed-request.ts')
        const args = [database.url, world.layout.root, place, name, line, JSON.stringify(json)]
        const child = spawn(process.execPath, [script, ...args], { stdio: ['ignore', 'inherit', 'inherit'] })
        expect(await once(child, 'exit')).toEqual([null, 'SIGKILL'])
        const isDone = place === 'after'
        expect(await effectsOf(name)).toEqual(isDone ? effects : before)
        const answer = await repeat(line, { json, headers: { 'idempotency-key': name } })
        expect([answer.status, answer.headers.get('idempotency-replayed')]).toEqual([
          200,
          isDone ? 'true' : null,
        ])
        expect(await answer.json()).toMatchObject({ name, operationUid: expect.stringMatching(/^op_/) })
        expect(await effectsOf(name)).toEqual(effects)
      },
    )

    it('at every write to disk and database: the repetition has one effect', async () => {
      const outcomes = new Map<string, number>()
      for (let killAt = 0; killAt < pointsMax; killAt += 1) {
        const name = `${story}-${killAt}`
        await prepare(world, name)
        const [line, json] = [lineOf(name), bodyOf(name)]
        const sent = { json, headers: { 'idempotency-key': name } }
        const isDead = await dieAtPoint(world, killAt, (db) =>
          ask(world, line, { ...sent, services: { ...world.services, db } }),
        )
        const answer = await repeat(line, sent)
        const replayed = String(answer.headers.get('idempotency-replayed'))
        outcomes.set(replayed, (outcomes.get(replayed) ?? 0) + 1)
        expect([answer.status, ...(await effectsOf(name))], `${name}, killed at ${killAt}`).toEqual([
          200,
          ...effects,
        ])
        if (!isDead) break
      }
      expect([...outcomes.keys()].toSorted(), 'deaths before and after the commit').toEqual(['null', 'true'])
      expect([...outcomes.values()].reduce((sum, count) => sum + count)).toBeLessThan(pointsMax)
    })
  })
})

/** Runs a request in a process of its own that dies at that point. @returns false when it came to its end before. */
async function dieAtPoint(
  world: ActionWorld,
  killAt: number,
  run: (db: Database) => Promise<Response>,
): Promise<boolean> {
  let points = 0
  const task = new Task({
    name: 'web',
    run: () => run(withPoints(world.services.db)),
    onPoint: (it) => {
      if (points === killAt) it.kill()
      points += 1
    },
  })
  while (!task.isEnded && !task.isKilled) await task.step()
  return task.isKilled
}
