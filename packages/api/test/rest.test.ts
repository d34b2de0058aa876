import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import type { ActionServices } from '@skykeep/actions/context'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { ask, helloYaml } from './rest-world.ts'

interface Expected {
  readonly status: number
  readonly [key: string]: unknown
}

const anObject = (fields: object): unknown => expect.objectContaining(fields)

forEachDatabase('REST', (source) => {
  let world: ActionWorld

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
  })
  afterAll(() => world.close())

  it('brings a service up from JSON, shows it, and says 304 to who has it', async () => {
    const answer = await ask(world, 'POST /services', { json: { yaml: helloYaml } })
    expect(answer.status).toBe(200)
    expect(await answer.json()).toMatchObject({ name: 'hello', operationUid: expect.stringMatching(/^op_/) })
    const shown = await ask(world, 'GET /services/hello')
    expect(await shown.json()).toMatchObject({ name: 'hello', status: 'REPLICA_INIT' })
    const etag = shown.headers.get('etag') ?? ''
    const again = await ask(world, 'GET /services/hello', { headers: { 'if-none-match': `W/"x", ${etag}` } })
    expect([again.status, await again.text()]).toEqual([304, ''])
  })

  it('takes a YAML as the whole body', async () => {
    const answer = await ask(world, 'POST /services', {
      text: helloYaml,
      headers: { 'content-type': 'application/yaml; charset=utf-8' },
    })
    expect(await answer.json()).toMatchObject({ operationUid: null, name: 'hello' })
  })

  it('reads numbers, lists and choices out of the query', async () => {
    const answer = await ask(world, 'GET /services?limit=1&status=REPLICA_INIT&search=hel')
    expect(await answer.json()).toMatchObject({ total: 1, items: [{ name: 'hello' }] })
    for (const query of ['replicaIds=1,2', 'replicaIds=1&replicaIds=2']) {
      const lines = await ask(world, `GET /services/hello/logs?tailLines=5&${query}`)
      expect(lines.status, await lines.clone().text()).toBe(404)
    }
  })

  it('lists events of one type, and of several in either way of writing them', async () => {
    const typesOf = async (query: string): Promise<readonly string[]> => {
      const answer = await ask(world, `GET /events?${query}`)
      const { items } = Object(await answer.json())
      return [...new Set<string>(items.map(({ type }: { type: string }) => type))].toSorted()
    }
    await ask(world, 'POST /services/hello/pause')
    expect(await typesOf('type=service.desired')).toEqual(['service.desired'])
    const both = ['service.desired', 'status.changed']
    expect(await typesOf('type=service.desired,status.changed')).toEqual(both)
    expect(await typesOf('type=status.changed&type=service.desired')).toEqual(both)
    expect(await typesOf('type=drill.started')).toEqual([])
    await ask(world, 'POST /services/hello/resume')
  })

  it('pages with the cursor of the page before', async () => {
    for (const name of ['page-a', 'page-b', 'page-c'])
      await ask(world, 'POST /services', { json: { yaml: helloYaml, name } })
    const names: string[] = []
    let cursor: string | null = ''
    while (cursor !== null) {
      const query: string = cursor === '' ? '' : `&cursor=${encodeURIComponent(cursor)}`
      const answer = await ask(world, `GET /services?search=page-&limit=1${query}`)
      const page = Object(await answer.json())
      names.push(...page.items.map(({ name }: { name: string }) => name))
      cursor = page.nextCursor
    }
    expect(names.toSorted()).toEqual(['page-a', 'page-b', 'page-c'])
  })

  it('has HEAD where there is GET, and OPTIONS everywhere', async () => {
    const head = await ask(world, 'HEAD /services/hello')
    expect([head.status, await head.text(), head.headers.get('etag')]).toEqual([200, '', expect.any(String)])
    const stream = await ask(world, 'HEAD /watch')
    expect([stream.status, stream.body]).toEqual([200, null])
    const options = await ask(world, 'OPTIONS /services/hello', { role: null })
    expect([options.status, options.headers.get('allow')]).toEqual([204, 'GET, DELETE, HEAD, OPTIONS'])
  })

  it.each(['PATCH /services/hello', 'POST /services/hello', 'PUT /services', 'DELETE /openapi.json'])(
    '%s: 405 with Allow',
    async (line) => {
      const answer = await ask(world, line)
      expect(answer.status).toBe(405)
      expect(answer.headers.get('allow')).toMatch(/GET.*OPTIONS/)
      expect(await answer.json()).toMatchObject({ code: 'METHOD_NOT_ALLOWED', status: 405 })
    },
  )

  it('asks who is there before it reads a body', async () => {
    const answer = await ask(world, 'POST /services', { role: null, text: '{', headers: {} })
    expect(answer.status).toBe(401)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer')
    expect(answer.headers.get('content-type')).toBe('application/problem+json')
    expect(await answer.json()).toMatchObject({
      code: 'UNAUTHENTICATED',
      hint: expect.stringContaining('token create'),
    })
  })

  it('does not let a viewer change anything', async () => {
    const answer = await ask(world, 'DELETE /services/hello', { role: 'viewer' })
    expect([answer.status, await answer.json()]).toEqual([
      403,
      expect.objectContaining({ code: 'FORBIDDEN' }),
    ])
  })

  const deep = `${'{"a":'.repeat(200_000)}1${'}'.repeat(200_000)}`
  const hostile: readonly (readonly [string, string, object, Expected])[] = [
    [
      'an unknown field',
      'POST /services',
      { json: { yaml: 'x', replicaz: 3 } },
      { status: 400, fields: [anObject({ key: 'replicaz', fix: expect.stringContaining('yaml, name') })] },
    ],
    [
      'an unknown field deep inside',
      'PUT /services/hello/schedule',
      {
        json: {
          schedule: { timeZone: 'UTC', offHours: [{ days: ['mon'], from: '00:00', to: '01:00', until: 1 }] },
        },
      },
      { status: 400, fields: [anObject({ key: 'schedule.offHours.0.until' })] },
    ],
    [
      'an unknown field of the query',
      'GET /services?limmit=3',
      {},
      { status: 400, fields: [anObject({ key: 'limmit' })] },
    ],
    [
      'an unknown field where there is none',
      'GET /me?x=1',
      {},
      { status: 400, fields: [anObject({ key: 'x' })] },
    ],
    [
      'a prototype',
      'POST /services',
      { text: '{"yaml":"x","__proto__":{"name":"y"}}', headers: { 'content-type': 'application/json' } },
      { status: 400, fields: [anObject({ key: '__proto__' })] },
    ],
    [
      'a field given twice',
      'GET /services?limit=3&limit=4',
      {},
      { status: 400, fields: [anObject({ key: 'limit' })] },
    ],
    [
      'a number out of range',
      'GET /services?limit=2000',
      {},
      {
        status: 400,
        fields: [anObject({ key: 'limit', value: '2000', fix: expect.stringContaining('200') })],
      },
    ],
    ...['/events', '/watch'].map(
      (path) =>
        [
          `a type of events that is none, at ${path}`,
          `GET ${path}?type=status.changed,scaled`,
          {},
          {
            status: 400,
            detail: 'type.1: there is no event type "scaled"; did you mean service.scaled?',
            fields: [anObject({ key: 'type.1', value: '"scaled"' })],
          },
        ] as const,
    ),
    [
      'a word for a number',
      'GET /services?limit=many',
      {},
      { status: 400, fields: [anObject({ key: 'limit', value: '"many"' })] },
    ],
    [
      'a fraction in the path',
      'DELETE /services/hello/replicas/1.5',
      {},
      { status: 400, fields: [anObject({ key: 'replicaId' })] },
    ],
    ['a name in the path that is no UTF-8', 'GET /services/%ff', {}, { status: 400, code: 'INVALID_INPUT' }],
    ['a NUL in the path', 'GET /services/a%00b', {}, { status: 400, fields: [anObject({ key: 'name' })] }],
    [
      'half a surrogate pair',
      'POST /services/hello/rollback',
      { text: String.raw`{"policy":{"mode":"\ud800"}}`, headers: { 'content-type': 'application/json' } },
      { status: 400, fields: [anObject({ key: 'policy.mode' })] },
    ],
    ['a slash in a name', 'GET /services/..%2F..%2Fetc%2Fpasswd', {}, { status: 404, code: 'NOT_FOUND' }],
    ['dots in a path', 'GET /services/../../../etc/passwd', {}, { status: 404, code: 'NOT_FOUND' }],
    [
      'a path that is not there',
      'GET /nothing',
      {},
      { status: 404, hint: expect.stringContaining('openapi.json') },
    ],
    ['an empty part', 'GET /services//log', {}, { status: 404 }],
    ['no such service', 'GET /services/nobody', {}, { status: 404, code: 'NOT_FOUND' }],
    [
      'a form',
      'POST /services',
      { text: 'yaml=x', headers: { 'content-type': 'application/x-www-form-urlencoded' } },
      { status: 415, hint: expect.stringContaining('application/yaml') },
    ],
    [
      'a text',
      'POST /services/hello/pause',
      { text: '{}', headers: { 'content-type': 'text/plain' } },
      { status: 415, hint: expect.stringContaining('application/json') },
    ],
    [
      'no JSON',
      'POST /services',
      { text: '{"yaml":', headers: { 'content-type': 'application/json' } },
      { status: 400, detail: 'The body is no JSON.' },
    ],
    ['a list', 'POST /services', { json: [1] }, { status: 400, detail: 'The body is no JSON object.' }],
    [
      'a body without its field',
      'POST /services',
      { json: {} },
      { status: 400, fields: [anObject({ key: 'yaml', value: null })] },
    ],
    [
      'JSON nested 200,000 deep',
      'POST /services',
      { text: deep, headers: { 'content-type': 'application/json' } },
      { status: 400, detail: expect.stringContaining('32 levels') },
    ],
    [
      'a query where a body belongs',
      'POST /services?name=x',
      { json: { yaml: helloYaml } },
      { status: 400, fields: [anObject({ key: 'name' })] },
    ],
    [
      'another name than the path',
      'POST /services/hello/pause',
      { json: { name: 'other' } },
      { status: 400, fields: [anObject({ key: 'name' })] },
    ],
    [
      'a wrong YAML',
      'POST /services',
      { json: { yaml: 'name: x\nrunn: y\n' } },
      { status: 400, problems: expect.arrayContaining([expect.objectContaining({ line: 2 })]) },
    ],
    [
      'Idempotency-Key of what only reads',
      'GET /services/hello',
      { headers: { 'idempotency-key': 'k' } },
      { status: 400, code: 'UNSUPPORTED', detail: expect.stringContaining('Idempotency-Key') },
    ],
    ['a cursor that nobody gave', 'GET /services?cursor=%7B%7D', {}, { status: 400, code: 'INVALID_INPUT' }],
    [
      'an event number that is none',
      'GET /watch',
      { headers: { 'last-event-id': 'x' } },
      { status: 400, fields: [anObject({ key: 'lastEventId', value: '"x"' })] },
    ],
    ['the log of no service', 'GET /services/nobody/logs/follow', {}, { status: 404, code: 'NOT_FOUND' }],
  ]
  it.each(hostile)('%s', async (_name, line, sent, expected) => {
    const answer = await ask(world, line, sent)
    const problem: unknown = await answer.json()
    expect(answer.status, JSON.stringify(problem)).toBe(expected.status)
    expect(problem).toMatchObject(expected)
  })

  it('never repeats what may be a secret', async () => {
    const secret = 'hunter2-hunter2'
    for (const json of [
      { yaml: 5, secrets: { KEY: secret } },
      { yaml: 'x', secrets: secret },
      { yaml: 'x', secrets: { KEY: [secret] } },
      { yaml: 'x', tls: { key: secret } },
      { yaml: 'x', [`tls`]: secret },
    ]) {
      const answer = await ask(world, 'POST /services', { json })
      expect(answer.status).toBe(400)
      expect(await answer.text()).not.toContain(secret)
    }
  })

  describe('an error that nobody expected', () => {
    it('is told to the log and hidden from the caller', async () => {
      const broken: ActionServices = {
        ...world.services,
        issueSignInCode: () => Promise.reject(new Error('the password is hunter2')),
      }
      const answer = await ask(world, 'POST /sign-in-codes', { services: broken })
      const text = await answer.text()
      expect(answer.status).toBe(500)
      expect(JSON.parse(text)).toMatchObject({ code: 'INTERNAL', hint: expect.stringContaining('log') })
      expect(text).not.toContain('hunter2')
    })
  })
})
