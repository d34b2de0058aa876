import { appendEvent, listEvents } from '@skykeep/db/events'
import { raiseFence } from '@skykeep/db/fence'
import type { Database } from '@skykeep/db/handles'
import { forEachDatabase } from '@skykeep/testing/databases'
import { expect, it } from 'vitest'

forEachDatabase('fence', (source) => {
  const write = (database: Database, fence: number): Promise<number> =>
    database.transaction(
      (tx) => appendEvent(tx, { kind: 'system', uid: `f${fence}`, type: 'plane.started' }),
      { fence },
    )

  it('a plane that was replaced writes nothing any more', async () => {
    const { url, database: old } = await source.create()
    const oldFence = await raiseFence(old)
    await write(old, oldFence)
    const replacement = await source.open(url)
    const fence = await raiseFence(replacement)
    expect(fence).toBe(oldFence + 1)
    await expect(write(old, oldFence)).rejects.toMatchObject({ code: 'FENCED' })
    await write(replacement, fence)
    expect(await listEvents(old, { uid: `f${oldFence}` })).toHaveLength(1)
  })

  it('a plane that waited for its turn while it was replaced writes nothing', async () => {
    const { url, database: old } = await source.create()
    const oldFence = await raiseFence(old)
    const replacement = await source.open(url)
    let late: Promise<unknown> = Promise.resolve()
    await replacement.transaction(async (tx) => {
      late = write(old, oldFence)
      late.catch(() => undefined)
      await tx.client.installation.update({ where: { id: 1 }, data: { fence: { increment: 1 } } })
    })
    await expect(late).rejects.toMatchObject({ code: 'FENCED' })
  })

  it('numbers that planes take at the same time differ', async () => {
    const { url, database } = await source.create()
    const others = await Promise.all([source.open(url), source.open(url)])
    const numbers = await Promise.all(
      [database, ...others].flatMap((one) => [raiseFence(one), raiseFence(one)]),
    )
    expect(new Set(numbers).size).toBe(6)
  })
})
