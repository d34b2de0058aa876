import { setTimeout as pause } from 'node:timers/promises'
import { appendEvent, listEvents } from '@skykeep/db/events'
import type { Database } from '@skykeep/db/handles'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { startProcess, type TestProcess } from './process.ts'

const write = (database: Database, uid = 'mine'): Promise<number> =>
  database.transaction((tx) => appendEvent(tx, { kind: 'system', uid, type: 'plane.started' }))

const uids = async (database: Database): Promise<string[]> =>
  (await listEvents(database, { afterSeq: 0 })).map((event) => event.uid)

forEachDatabase('locks', (source) => {
  async function holding(url: string, ...args: string[]): Promise<TestProcess> {
    const process = startProcess('hold-transaction', [url, ...args])
    await process.saw('inside')
    return process
  }

  it(
    'a process killed inside a transaction loses nothing and blocks nobody',
    { timeout: 30_000 },
    async () => {
      const { url, database } = await source.create()
      await write(database, 'before')
      const other = await holding(url)
      const waiting = write(database, 'after')
      other.child.kill('SIGKILL')
      await Promise.all([other.ended, waiting])
      expect(await uids(database)).toEqual(['before', 'after'])
    },
  )

  it(
    'a process stopped inside a transaction blocks the others no longer than it lives',
    { timeout: 30_000 },
    async () => {
      const { url, database } = await source.create()
      const other = await holding(url, '60000', '60000')
      other.child.kill('SIGSTOP')
      let isDone = false
      const waiting = write(database).then(() => (isDone = true))
      await pause(500)
      expect(isDone).toBe(false)
      expect(await uids(database), 'reads go on').toEqual([])
      other.child.kill('SIGKILL')
      await Promise.all([other.ended, waiting])
      expect(await uids(database)).toEqual(['mine'])
    },
  )

  if (source.kind === 'postgresql') {
    it(
      'the server ends the transaction of a process that was stopped inside it',
      { timeout: 30_000 },
      async () => {
        const { url, database } = await source.create()
        const other = await holding(url, '60000', '1000')
        other.child.kill('SIGSTOP')
        await write(database)
        expect(await uids(database)).toEqual(['mine'])
        other.child.kill('SIGKILL')
        await other.ended
      },
    )

    it('invariant 15: a read that lasts longer than a second is ended, and the next one goes on', async () => {
      const { database } = await source.create()
      const startMs = performance.now()
      await expect(database.client.$queryRaw`SELECT pg_sleep(10)`).rejects.toThrow(/timeout/)
      expect(performance.now() - startMs).toBeLessThan(5_000)
      expect(await uids(database)).toEqual([])
    })
  }

  it(
    'a lock that is held within the bound fails nothing and does not block the event loop',
    { timeout: 30_000 },
    async () => {
      const { url, database } = await source.create({ lockWaitMs: 20_000 })
      const other = await holding(url, '3000')
      let longestMs = 0
      let lastMs = performance.now()
      const beat = setInterval(() => {
        longestMs = Math.max(longestMs, performance.now() - lastMs)
        lastMs = performance.now()
      }, 5)
      const writes = Promise.all(Array.from({ length: 20 }, (_, index) => write(database, `w${index}`)))
      await other.saw('committed')
      await writes
      clearInterval(beat)
      expect(longestMs).toBeLessThan(500)
      expect((await uids(database)).toSorted()).toEqual(
        ['held', ...Array.from({ length: 20 }, (_, index) => `w${index}`)].toSorted(),
      )
      await other.ended
    },
  )

  it(
    'a lock that is held past the bound is UNAVAILABLE, and the next write succeeds',
    { timeout: 30_000 },
    async () => {
      const { url, database } = await source.create({ lockWaitMs: 300 })
      const other = await holding(url)
      await expect(write(database)).rejects.toMatchObject({ code: 'UNAVAILABLE' })
      other.child.kill('SIGKILL')
      await other.ended
      await write(database)
      expect(await uids(database)).toEqual(['mine'])
    },
  )

  it('a transaction inside a transaction is refused at once', async () => {
    const { database } = await source.create()
    const nested = database.transaction(() => write(database))
    await expect(nested).rejects.toMatchObject({ code: 'INTERNAL' })
    await write(database)
  })

  it('a transaction that stays open too long is undone and the next one goes on', async () => {
    const { database } = await source.create({ transactionMs: 300, lockWaitMs: 300 })
    const slow = database.transaction(async (tx) => {
      await appendEvent(tx, { kind: 'system', uid: 'slow', type: 'plane.started' })
      await pause(1_500)
      await appendEvent(tx, { kind: 'system', uid: 'slow', type: 'plane.started' })
    })
    await expect(slow).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await write(database)
    expect(await uids(database)).toEqual(['mine'])
  })
})
