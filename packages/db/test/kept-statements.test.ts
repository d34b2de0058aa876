import BetterSqlite3 from 'better-sqlite3'
import { sqliteFileOf } from '@skykeep/db/database-url'
import { listEvents, appendEvent } from '@skykeep/db/events'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'
import { startProcess } from './process.ts'

forEachDatabase('statements that stay prepared', (source) => {
  it('answer each query with its own parameters, also more kinds of queries than are kept', async () => {
    const { database } = await source.create()
    await database.transaction(async (tx) => {
      for (let index = 0; index < 300; index++)
        await appendEvent(tx, { kind: 'system', uid: `row-${index}`, type: 'plane.started' })
    })
    for (const round of [1, 2]) {
      for (let length = 1; length <= 200; length++) {
        // A list of another length is another statement.
        const seq = { in: Array.from({ length }, (_, index) => index + round) }
        const rows = await database.client.event.findMany({ where: { seq }, orderBy: { seq: 'desc' } })
        expect(rows).toHaveLength(length)
        expect(rows[0]?.uid).toBe(`row-${length + round - 2}`)
      }
    }
    const asked = await Promise.all([5, 6, 7].map((seq) => listEvents(database, { afterSeq: seq, limit: 1 })))
    expect(asked.flat().map(({ uid }) => uid)).toEqual(['row-5', 'row-6', 'row-7'])
  })

  // PostgreSQL's driver keeps nothing prepared.
  if (source.kind !== 'sqlite') return

  it('follow a change of the schema by another process', async () => {
    const { database, url } = await source.create()
    const append = (uid: string): Promise<number> =>
      database.transaction((tx) => appendEvent(tx, { kind: 'system', uid, type: 'plane.started' }))
    await append('before')
    expect(await listEvents(database)).toHaveLength(1)
    const other = new BetterSqlite3(sqliteFileOf(url))
    other.exec("ALTER TABLE events ADD COLUMN more TEXT NOT NULL DEFAULT 'x'; DROP INDEX events_row_idx")
    other.close()
    await append('after')
    expect((await listEvents(database)).map(({ uid }) => uid)).toEqual(['after', 'before'])
  })

  it('reading often does not make the process grow', async () => {
    const { url } = await source.create()
    const reader = startProcess('read-often', [url])
    await reader.saw('grown by less than 50 MiB')
    expect(await reader.ended).toBe(0)
  })
})
