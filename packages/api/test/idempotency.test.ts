import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActionServices } from '@skykeep/actions/context'
import { listOperations } from '@skykeep/db/operations'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { ask, helloYaml, type Sent } from './rest-world.ts'

const hourMs = 3_600_000

/** What a client sees of an answer. */
interface Seen {
  readonly status: number
  readonly text: string
  /** The header that says that it was given before. */
  readonly replayed: string | null
}

async function seen(answer: Promise<Response>): Promise<Seen> {
  const { status, headers, ...rest } = await answer.then(async (response) => ({
    status: response.status,
    headers: response.headers,
    text: await response.text(),
  }))
  return { status, text: rest.text, replayed: headers.get('idempotency-replayed') }
}

forEachDatabase('Idempotency-Key', (source) => {
  let world: ActionWorld
  let url = ''
  const clock = new FakeClock(Date.now())

  beforeAll(async () => {
    const database = await source.create({ clock })
    url = database.url
    world = await createActionWorld(database, { clock })
  })
  afterAll(() => world.close())

  const send = (key: string, line: string, sent: Sent = {}): Promise<Response> =>
    ask(world, line, { ...sent, headers: { ...sent.headers, 'idempotency-key': key } })
  const up = (name: string): Promise<Response> =>
    ask(world, 'POST /services', { json: { yaml: helloYaml, name } })
  /** How many operations there are for what has that name. */
  const operationsOf = async (name: string): Promise<number> => {
    const { items } = await listOperations(world.services.db, { limit: 200 })
    return items.filter(({ targetName }) => targetName === name).length
  }

  it('the same request again has no second effect and gets the same status and body, with a header that says so', async () => {
    const asked = { json: { yaml: helloYaml, name: 'again' } }
    const first = await seen(send('k-again', 'POST /services', asked))
    expect(first).toMatchObject({ status: 200, replayed: null })
    expect(JSON.parse(first.text)).toMatchObject({ name: 'again', operationUid: expect.any(String) })
    for (let time = 0; time < 3; time += 1)
      expect(await seen(send('k-again', 'POST /services', asked))).toEqual({ ...first, replayed: 'true' })
    expect(await operationsOf('again')).toBe(1)
    // Without the key it would have been told that nothing changed.
    expect(Object(await (await up('again')).json()).operationUid).toBeNull()
  })

  it('what answers nothing answers nothing again', async () => {
    await ask(world, 'POST /tokens', { json: { name: 'gone' } })
    const first = await seen(send('k-204', 'DELETE /tokens/gone'))
    expect(first).toEqual({ status: 204, text: '', replayed: null })
    expect(await seen(send('k-204', 'DELETE /tokens/gone'))).toEqual({ ...first, replayed: 'true' })
    expect((await ask(world, 'DELETE /tokens/gone')).status, 'without the key').toBe(404)
  })

  it('the order of fields, and how a YAML came, make no other request of it', async () => {
    const first = await seen(send('k-order', 'POST /services', { json: { yaml: helloYaml, name: 'order' } }))
    const turned = await seen(send('k-order', 'POST /services', { json: { name: 'order', yaml: helloYaml } }))
    expect(turned).toEqual({ ...first, replayed: 'true' })
    const yaml = helloYaml.replace('hello', 'plain')
    const json = await seen(send('k-yaml', 'POST /services', { json: { yaml } }))
    const body = { text: yaml, headers: { 'content-type': 'application/yaml' } }
    expect(await seen(send('k-yaml', 'POST /services', body))).toEqual({ ...json, replayed: 'true' })
  })

  it('the same key with other fields, or with another path, is refused by both names and changes nothing', async () => {
    await up('reused')
    await send('k-reused', 'POST /services/reused/pause')
    const problem = { status: 422, code: 'IDEMPOTENCY_KEY_REUSED' }
    const other = await send('k-reused', 'POST /services/again/pause')
    expect(await other.json()).toMatchObject({
      ...problem,
      detail: 'This Idempotency-Key was sent before with other fields of services.pause.',
    })
    const path = await send('k-reused', 'POST /services/reused/resume')
    expect(path.status).toBe(422)
    expect(await path.json()).toMatchObject({
      ...problem,
      detail: 'This Idempotency-Key was sent before with services.pause, and now with services.resume.',
      hint: expect.stringContaining('take a new key'),
    })
    expect(await operationsOf('reused')).toBe(2)
  })

  it('while the first is under way, the same is told to come again and another is refused; then both get one answer', async () => {
    const { promise: held, resolve: goOn } = Promise.withResolvers<void>()
    const { promise: reached, resolve: reach } = Promise.withResolvers<void>()
    const services: ActionServices = {
      ...world.services,
      isPortHeld: async () => {
        reach()
        await held
        return false
      },
    }
    const asked = { json: { yaml: helloYaml, name: 'slow' }, services }
    const first = seen(send('k-slow', 'POST /services', asked))
    await reached
    const meanwhile = await send('k-slow', 'POST /services', asked)
    expect([meanwhile.status, meanwhile.headers.get('retry-after')]).toEqual([409, '1'])
    expect(await meanwhile.json()).toMatchObject({ code: 'IDEMPOTENCY_KEY_IN_USE' })
    expect((await send('k-slow', 'POST /services', { ...asked, json: { yaml: helloYaml } })).status).toBe(422)
    const ofAnother = await send('k-slow', 'POST /services/again/pause', { role: 'user' })
    expect(ofAnother.status, 'of another person it is another key').toBe(200)
    goOn()
    expect(await first).toMatchObject({ status: 200, replayed: null })
    expect(await seen(send('k-slow', 'POST /services', asked))).toEqual({
      ...(await first),
      replayed: 'true',
    })
    expect(await operationsOf('slow')).toBe(1)
  })

  it('two web processes that get it at the same instant: one effect, one answer', async () => {
    const other = await source.open(url, { clock })
    const services: readonly ActionServices[] = [world.services, { ...world.services, db: other }]
    for (let round = 0; round < 10; round += 1) {
      const name = `twin-${round}`
      const asked = { json: { yaml: helloYaml, name } }
      const answers = await Promise.all(
        services.map((each) => seen(send(name, 'POST /services', { ...asked, services: each }))),
      )
      expect(new Set(answers.map(({ status, text }) => `${status} ${text}`)).size, name).toBe(1)
      expect(answers.map(({ replayed }) => replayed).toSorted(), name).toEqual([null, 'true'])
      const ends = await Promise.all(
        services.map((each) => seen(send(`${name}-end`, `DELETE /services/${name}`, { services: each }))),
      )
      expect(new Set(ends.map(({ text }) => text)).size, name).toBe(1)
      expect(await operationsOf(name), name).toBe(2)
    }
  })

  it('another person may have the same key for something else', async () => {
    await up('shared')
    const own = await seen(send('k-shared', 'POST /services/shared/pause'))
    const theirs = await seen(send('k-shared', 'POST /services/shared/resume', { role: 'user' }))
    expect([own.status, theirs.status, theirs.replayed]).toEqual([200, 200, null])
    expect(await seen(send('k-shared', 'POST /services/shared/pause'))).toEqual({ ...own, replayed: 'true' })
    expect(await operationsOf('shared')).toBe(3)
  })

  it('what was refused is not kept: the same key tries again', async () => {
    const early = await seen(send('k-early', 'POST /services/late/pause'))
    expect(early).toMatchObject({ status: 404, replayed: null })
    expect(await seen(send('k-early', 'POST /services/late/pause'))).toEqual(early)
    const forbidden = await send('k-early', 'POST /services/late/pause', { role: 'viewer' })
    expect(forbidden.status).toBe(403)
    await up('late')
    expect(await seen(send('k-early', 'POST /services/late/pause'))).toMatchObject({
      status: 200,
      replayed: null,
    })
    expect(await operationsOf('late')).toBe(2)
  })

  it('is kept for a day, and then as good as new', async () => {
    await up('day')
    const first = await seen(send('k-day', 'POST /services/day/pause'))
    clock.pass(24 * hourMs - 1)
    expect(await seen(send('k-day', 'POST /services/day/pause'))).toEqual({ ...first, replayed: 'true' })
    clock.pass(2)
    const anew = await seen(send('k-day', 'POST /services/day/resume'))
    expect(anew).toMatchObject({ status: 200, replayed: null })
    expect(await seen(send('k-day', 'POST /services/day/resume'))).toEqual({ ...anew, replayed: 'true' })
  })

  describe('a key that is none', () => {
    it.each([
      ['empty', ''],
      ['with a space', 'a b'],
      ['not in ASCII', 'clé'],
      ['too long', 'x'.repeat(256)],
    ])('%s: refused with what one is', async (_name, key) => {
      const answer = await send(key, 'POST /services/again/pause')
      expect(await answer.json()).toMatchObject({
        status: 400,
        code: 'INVALID_INPUT',
        detail: expect.stringContaining('1 to 255 visible ASCII characters'),
      })
    })

    it('the longest and one in quotes are keys', async () => {
      await up('edge')
      for (const key of ['x'.repeat(255), '"8e03978e-40d5-43e8-bc93-6894a57f9324"'])
        expect((await send(key, 'POST /services/edge/pause')).status).toBe(200)
    })
  })

  it('neither keys nor secrets of a request stand in the table', async () => {
    const key = 'k-a-key-that-nobody-guesses'
    const secrets = { API_KEY: 'a-secret-that-nobody-may-read' }
    const yaml = `${helloYaml}secrets:\n  API_KEY: null\n`
    expect((await send(key, 'POST /services', { json: { yaml, name: 'sealed', secrets } })).status).toBe(200)
    const rows = JSON.stringify(
      await world.services.db.client.idempotencyKey.findMany(),
      (_name, value: unknown) => (typeof value === 'bigint' ? String(value) : value),
    )
    expect(rows).toContain('sealed')
    expect([rows.includes(key), rows.includes(secrets.API_KEY)]).toEqual([false, false])
  })
})
