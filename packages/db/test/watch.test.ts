import type { SkykeepEvent } from '@skykeep/core/events'
import { appendEvent, pruneEvents } from '@skykeep/db/events'
import type { Database } from '@skykeep/db/handles'
import { createWatch, type Watch } from '@skykeep/db/watch'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'

const write = (database: Database): Promise<number> =>
  database.transaction((tx) => appendEvent(tx, { kind: 'system', uid: 'x', type: 'plane.started' }))

/** Watches until so many events came. */
async function collect(watch: Watch, seq: number, count: number): Promise<number[]> {
  const seen: SkykeepEvent[] = []
  const stop = new AbortController()
  for await (const events of watch.since(seq, stop.signal)) {
    seen.push(...events)
    if (seen.length >= count) stop.abort()
  }
  return seen.map((event) => event.seq)
}

const range = (first: number, last: number): number[] =>
  Array.from({ length: last - first + 1 }, (_, index) => first + index)

forEachDatabase('watch', (source) => {
  it('resumes from any number with no gap while another process writes', { timeout: 60_000 }, async () => {
    const { url, database } = await source.create()
    const other = await source.open(url)
    for (let index = 0; index < 10; index++) await write(other)
    const watch = await createWatch(database, { url, fallbackMs: 20_000 })
    const watching = [0, 1, 5, 9, 10, 15].map((seq) => collect(watch, seq, 40 - seq))
    for (let index = 0; index < 30; index++) await write(index % 2 === 0 ? other : database)
    const expected = [0, 1, 5, 9, 10, 15].map((seq) => range(seq + 1, 40))
    expect(await Promise.all(watching)).toEqual(expected)
    await watch.close()
  })

  it('notices another process long before the fallback', async () => {
    const { url, database } = await source.create()
    const other = await source.open(url)
    const watch = await createWatch(database, { url, fallbackMs: 20_000 })
    const seen = collect(watch, 0, 1)
    const startMs = performance.now()
    await write(other)
    await seen
    expect(performance.now() - startMs).toBeLessThan(5_000)
    await watch.close()
  })

  it('ends with its signal and leaves no listener', async () => {
    const { url, database } = await source.create()
    const watch = await createWatch(database, { url, fallbackMs: 20_000 })
    const stop = new AbortController()
    const seen = (async () => {
      for await (const events of watch.since(0, stop.signal)) expect(events).toEqual([])
    })()
    stop.abort()
    await seen
    let rings = 0
    const quiet = watch.onChange(() => rings++)
    await write(database)
    expect(rings).toBeGreaterThan(0)
    quiet()
    await watch.close()
  })

  it('tells a cursor that is too old, also when nothing new comes', async () => {
    const { url, database } = await source.create()
    for (let index = 0; index < 5; index++) await write(database)
    await database.transaction((tx) => pruneEvents(tx, 0))
    const watch = await createWatch(database, { url })
    await expect(collect(watch, 2, 1)).rejects.toMatchObject({ code: 'CURSOR_TOO_OLD' })
    await watch.close()
  })
})
