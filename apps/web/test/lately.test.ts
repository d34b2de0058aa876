import { describe, expect, it } from 'vitest'
import { until } from '@skykeep/testing/until'
import { lately } from '../src/server/lately.ts'

describe('what was answered lately', () => {
  it('is asked once for all who ask, and asked again once it is old', async () => {
    let asked = 0
    const read = lately(0, async () => (asked += 1), { freshMs: 100, waitMs: 5000 })
    expect(await Promise.all([read(), read(), read()])).toEqual([1, 1, 1])
    await until('it is asked again', async () => (await read()) === 2)
    expect(asked).toBe(2)
  })

  it('is hardly waited for: the answer before it is given, and the new one once it is there', async () => {
    const slow = Promise.withResolvers<string>()
    const answers = [Promise.resolve('first'), slow.promise]
    const read = lately('none', () => answers.shift() ?? Promise.resolve('third'), { freshMs: 0, waitMs: 20 })
    expect(await read()).toBe('first')
    expect(await read()).toBe('first')
    slow.resolve('second')
    expect(await read()).toBe('second')
    expect(await read()).toBe('third')
  })

  it('is the given one before there is any', async () => {
    const never = new Promise<string>(() => undefined)
    expect(await lately('none', () => never, { freshMs: 1000, waitMs: 20 })()).toBe('none')
  })
})
