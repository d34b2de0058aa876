import { setImmediate as nextTurn } from 'node:timers/promises'
import type { SkykeepEvent } from '@skykeep/core/events'
import { appendEvent, countEvents, eventBounds, listEvents, pruneEvents } from '@skykeep/db/events'
import type { Database, Tx } from '@skykeep/db/handles'
import { forEachDatabase } from '@skykeep/testing/databases'
import { array, assert, asyncProperty, boolean, integer, nat, record } from 'fast-check'
import { expect, it } from 'vitest'

const append = (tx: Tx, uid: string): Promise<number> =>
  appendEvent(tx, { kind: 'system', uid, type: 'plane.started' })

/** Reads on from where it was, as a watcher does. */
async function readOn(database: Database, seen: SkykeepEvent[]): Promise<void> {
  seen.push(...(await listEvents(database, { afterSeq: seen.at(-1)?.seq ?? 0, limit: 1000 })))
}

forEachDatabase('events', (source) => {
  it('keeps what a dying workload said last, NUL and half a character in it: both are replaced, nothing fails', async () => {
    const { database } = await source.create()
    await database.transaction(async (tx) => {
      const payload = { 'a\0b': ['c\0', { d: '\ud800' }] }
      await appendEvent(tx, {
        kind: 'system',
        uid: 'x',
        type: 'plane.started',
        message: 'gone\0 \udc00',
        payload,
      })
    })
    expect(await listEvents(database, { uid: 'x' })).toMatchObject([
      { message: 'gone\u{FFFD} \u{FFFD}', payload: { 'a\u{FFFD}b': ['c\u{FFFD}', { d: '\u{FFFD}' }] } },
    ])
  })

  it(
    'a number is seen only when all lower ones are, under four writers at once',
    { timeout: 60_000 },
    async () => {
      const { url, database } = await source.create()
      const writers = await Promise.all([1, 2, 3, 4].map(() => source.open(url)))
      const over = new AbortController()
      const outcomes: boolean[] = []
      const seen: SkykeepEvent[] = []
      const reading = (async () => {
        while (!over.signal.aborted) {
          await readOn(database, seen)
          // SQLite answers without leaving this turn of the loop: let the writers have one.
          await nextTurn()
        }
        await readOn(database, seen)
      })()
      await Promise.all(
        writers.map(async (writer, index) => {
          for (let round = 0; round < 25; round++) {
            const isUndone = round % 5 === 4
            const work = writer.transaction(async (tx) => {
              await append(tx, `w${index}`)
              await append(tx, `w${index}`)
              if (isUndone) throw new Error('undone')
            })
            outcomes.push(
              await work.then(
                () => isUndone,
                () => !isUndone,
              ),
            )
          }
        }),
      )
      over.abort()
      await reading
      expect(outcomes, 'a commit failed or a rollback did not').not.toContain(true)
      expect(seen.map((event) => event.seq)).toEqual(
        Array.from({ length: 4 * 20 * 2 }, (_, index) => index + 1),
      )
    },
  )

  it(
    'the log is what was committed, in order, for any mix of commits and rollbacks',
    { timeout: 60_000 },
    async () => {
      const { url, database } = await source.create()
      const handles = [database, await source.open(url)]
      const step = record({
        handle: nat(1),
        events: integer({ min: 0, max: 3 }),
        isUndone: boolean(),
      })
      let expected: string[] = []
      let round = 0
      await assert(
        asyncProperty(array(step, { maxLength: 8 }), async (steps) => {
          const start = await eventBounds(database)
          expected = []
          await Promise.all(
            steps.map(async ({ handle, events, isUndone }) => {
              const name = `n${round++}`
              const work = (handles[handle] ?? database).transaction(async (tx) => {
                for (let index = 0; index < events; index++) await append(tx, name)
                if (isUndone) throw new Error('undone')
              })
              await work.catch(() => undefined)
              if (!isUndone) expected.push(...Array.from({ length: events }, () => name))
            }),
          )
          const log = await listEvents(database, { afterSeq: start.lastSeq, limit: 1000 })
          expect(log.map((event) => event.seq)).toEqual(log.map((_, index) => start.lastSeq + index + 1))
          expect(log.map((event) => event.uid).toSorted()).toEqual(expected.toSorted())
          const runs = log.filter((event, index) => event.uid !== log[index - 1]?.uid)
          expect(new Set(runs.map((event) => event.uid)).size, 'a transaction stays together').toBe(
            runs.length,
          )
        }),
        { numRuns: 25 },
      )
    },
  )

  it('filters by row, service, type and number, newest first unless it reads on', async () => {
    const { database } = await source.create()
    await database.transaction(async (tx) => {
      for (const [index, serviceName] of ['a', 'b', 'a', 'b'].entries()) {
        const type = index < 2 ? 'replica.created' : 'replica.probe'
        await appendEvent(tx, {
          kind: 'replica',
          uid: `rep_${index}`,
          serviceName,
          type,
          payload: { index, deep: [1, { x: null }] },
        })
      }
    })
    const seqs = async (filter: Parameters<typeof listEvents>[1]): Promise<number[]> =>
      (await listEvents(database, filter)).map((event) => event.seq)
    expect(await seqs({})).toEqual([4, 3, 2, 1])
    expect(await seqs({ limit: 2, beforeSeq: 4 })).toEqual([3, 2])
    expect(await seqs({ afterSeq: 1, limit: 2 })).toEqual([2, 3])
    expect(await seqs({ serviceName: 'b' })).toEqual([4, 2])
    expect(await seqs({ uid: 'rep_1' })).toEqual([2])
    expect(await seqs({ types: ['replica.probe'], kind: 'replica' })).toEqual([4, 3])
    expect(await seqs({ kind: 'service' })).toEqual([])
    expect((await listEvents(database, { uid: 'rep_2' }))[0]?.payload).toEqual({
      index: 2,
      deep: [1, { x: null }],
    })
  })

  it('a cursor below what retention has kept is told to list again', async () => {
    const { database } = await source.create()
    for (let index = 0; index < 10; index++) await database.transaction((tx) => append(tx, 'x'))
    expect(await database.transaction((tx) => pruneEvents(tx, 4))).toBe(6)
    expect(await countEvents(database)).toBe(4)
    await expect(listEvents(database, { afterSeq: 5 })).rejects.toMatchObject({ code: 'CURSOR_TOO_OLD' })
    expect((await listEvents(database, { afterSeq: 6 })).map((event) => event.seq)).toEqual([7, 8, 9, 10])
    expect(await listEvents(database, {})).toHaveLength(4)
    expect(await database.transaction((tx) => append(tx, 'y'))).toBe(11)
  })
})
