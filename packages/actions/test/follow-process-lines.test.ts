import { appendFileSync, copyFileSync, truncateSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followProcessLines } from '@skykeep/actions/logs/follow-process-lines'
import { readProcessLines } from '@skykeep/actions/logs/read-process-lines'
import { upService } from '@skykeep/actions/services/up-service'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('what the control plane writes about a service', (source) => {
  let world: ActionWorld
  let uid = ''
  let second = 0

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    uid = (await upService(world.as('user'), { yaml: serviceYaml() })).serviceUid
    append('worker', 'one')
  })
  afterAll(async () => await world.close())

  const fileOf = (process: string): string => join(world.layout.processLogsDir, `${process}.log`)
  const lineOf = (msg: string): string => {
    second += 1
    const time = new Date(Date.UTC(2026, 10, 22, 3, 0, second)).toISOString()
    return `${JSON.stringify({ level: 'info', time, uid, msg })}\n`
  }
  const append = (process: string, msg: string): void => appendFileSync(fileOf(process), lineOf(msg))
  /** As the supervisor bounds it. */
  const rotate = (process: string): void => {
    copyFileSync(fileOf(process), `${fileOf(process)}.1`)
    truncateSync(fileOf(process), 0)
  }

  /** Follows until so many lines came, doing the next of `then` after each message. Gives texts and the last cursor. */
  const follow = async (
    count: number,
    then: readonly (() => void)[],
    more: { readonly lastEventId?: string; readonly part?: 'controller' | 'load-balancer' } = {},
  ): Promise<{ readonly texts: readonly string[]; readonly cursor: string }> => {
    const end = new AbortController()
    const texts: string[] = []
    let cursor = ''
    const input = { service: 'hello', part: 'controller' as const, tailLines: 100, ...more }
    const steps = [...then]
    for await (const page of followProcessLines(world.as('viewer'), input, end.signal)) {
      texts.push(...page.lines.map(({ message }) => message))
      cursor = page.cursor
      steps.shift()?.()
      if (texts.length >= count) end.abort()
    }
    return { texts, cursor }
  }

  it('is followed over rotations of the log: no line is lost, none comes twice', async () => {
    const { texts } = await follow(7, [
      () => append('worker', 'two'),
      () => {
        append('worker', 'three')
        rotate('worker')
        append('worker', 'four')
      },
      () => {
        rotate('worker')
        append('worker', 'five')
        appendFileSync(fileOf('worker'), '{"half of a li')
      },
      () => {
        appendFileSync(fileOf('worker'), 'ne":1}\n')
        append('worker', 'six')
        append('gateway-1', 'not the worker')
        append('worker', 'seven')
      },
    ])
    expect(texts).toEqual(['one', 'two', 'three', 'four', 'five', 'six', 'seven'])
  }, 20_000)

  it('goes on where a lost stream was, also when the log was rotated meanwhile', async () => {
    writeFileSync(fileOf('worker'), lineOf('first'))
    writeFileSync(`${fileOf('worker')}.1`, '')
    const { cursor } = await follow(1, [])
    append('worker', 'second')
    rotate('worker')
    append('worker', 'third')
    expect((await follow(2, [], { lastEventId: cursor })).texts).toEqual(['second', 'third'])
  }, 20_000)

  it('of a process that is started later joins in; the last lines are those of a bounded read', async () => {
    const { texts } = await follow(
      3,
      [() => append('gateway-0', 'later'), () => append('gateway-1', 'again')],
      {
        part: 'load-balancer',
      },
    )
    expect(texts).toEqual(['not the worker', 'later', 'again'])
    const last = await readProcessLines(world.as('viewer'), {
      service: 'hello',
      part: 'load-balancer',
      tailLines: 1,
    })
    expect(last.map(({ message }) => message)).toEqual(['again'])
  }, 20_000)

  it('of no service is not found', async () => {
    const none = followProcessLines(world.as('viewer'), { service: 'none', part: 'controller', tailLines: 1 })
    await expect(none.next()).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })
})
