import { fetchRequestHandler } from '@trpc/server/adapters/fetch'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { appRouter } from '@skykeep/api/router'
import type { ActionServices } from '@skykeep/actions/context'
import { appendEvent } from '@skykeep/db/events'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'

forEachDatabase('the API over HTTP', (source) => {
  let world: ActionWorld
  let services: ActionServices

  beforeAll(async () => {
    world = await createActionWorld(await source.create())
    services = world.services
  })
  afterAll(() => world.close())

  const send = (path: string, init: RequestInit = {}, used: ActionServices = services): Promise<Response> =>
    fetchRequestHandler({
      endpoint: '/api/trpc',
      req: new Request(`http://127.0.0.1/api/trpc/${path}`, init),
      router: appRouter,
      createContext: () => ({
        services: used,
        actor: world.as('admin').actor,
        clearSessionCookie: () => undefined,
      }),
    })
  const post = (path: string, input: unknown, used?: ActionServices): Promise<Response> =>
    send(
      path,
      {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: JSON.stringify({ json: input }),
      },
      used,
    )
  const errorOf = async (response: Response): Promise<unknown> => {
    const body: unknown = await response.json()
    return body
  }

  it('says what is wrong with code, text, way out and every problem of a YAML, and shows no stack', async () => {
    const response = await post('services.up', { yaml: 'name: x\nrunn: y\n' })
    expect(response.status).toBe(400)
    const body = await errorOf(response)
    expect(body).toMatchObject({
      error: {
        json: {
          data: {
            skykeep: {
              code: 'INVALID_INPUT',
              problems: expect.arrayContaining([expect.objectContaining({ line: 2 })]),
            },
          },
        },
      },
    })
    expect(JSON.stringify(body)).not.toContain('stack')
  })

  it.each([
    ['services.down', { name: 'nobody' }, 404, 'NOT_FOUND'],
    ['services.down', { name: 3 }, 400, 'INVALID_INPUT'],
    ['services.down', undefined, 400, 'INVALID_INPUT'],
    ['services.nothing', {}, 404, 'NOT_FOUND'],
  ])('%s with %o answers %i %s', async (path, input, status, code) => {
    const response = await post(path, input)
    expect(response.status).toBe(status)
    expect(await errorOf(response)).toMatchObject({ error: { json: { data: { skykeep: { code } } } } })
  })

  it('hides the text of an error that nobody expected', async () => {
    const broken: ActionServices = {
      ...services,
      issueSignInCode: () => Promise.reject(new Error('the password is hunter2')),
    }
    const response = await post('auth.createSignInCode', undefined, broken)
    const text = await response.text()
    expect(response.status).toBe(500)
    expect(text).toContain('INTERNAL')
    expect(text).not.toContain('hunter2')
  })

  it('ends a stream that may not be with the code of every other procedure, so that no client tries for ever', async () => {
    const input = encodeURIComponent(JSON.stringify({ json: { service: 'none', replicaId: 1 } }))
    const response = await send(`logs.follow?input=${input}`, { headers: { accept: 'text/event-stream' } })
    const text = await response.text()
    expect(text).toContain('event: serialized-error')
    expect(text).toContain('"code":"NOT_FOUND"')
    expect(text).not.toContain('INTERNAL')
  })

  it('streams events from the number that a browser saw last, without a gap', async () => {
    const { db } = services
    const seqs: number[] = []
    for (let count = 0; count < 3; count += 1) {
      seqs.push(
        await db.transaction((tx) =>
          appendEvent(tx, { kind: 'system', uid: 'plane_1', type: 'plane.started' }),
        ),
      )
    }
    const abort = new AbortController()
    const input = encodeURIComponent(JSON.stringify({ json: { lastEventId: String(seqs[0]) } }))
    const response = await send(`watch.events?input=${input}`, {
      headers: { accept: 'text/event-stream' },
      signal: abort.signal,
    })
    expect(response.headers.get('content-type')).toContain('text/event-stream')
    let text = ''
    for await (const piece of response.body ?? []) {
      text += new TextDecoder().decode(piece)
      if (text.includes(`id: ${seqs[2]}`)) break
    }
    abort.abort()
    expect(text).toContain(`"seq":${seqs[1]}`)
    expect(text).not.toContain(`"seq":${seqs[0]},"atMs"`)
  })
})
