import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { once } from 'node:events'
import { tryRequestInput } from '@skykeep/actions/requests/schemas'
import { tryRequest } from '@skykeep/actions/requests/try-request'
import { listServiceKeys } from '@skykeep/actions/service-keys/list-service-keys'
import { upService } from '@skykeep/actions/services/up-service'
import type { TriedPart } from '@skykeep/core/tried-request'
import { triedLimits } from '@skykeep/core/tried-request'
import { transition } from '@skykeep/db/transition'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { afterEach, describe, expect, it } from 'vitest'
import { sendRequest } from '../src/requests/send-request.ts'
import { serviceYaml } from './service-yaml.ts'

const clock = { monotonicMs: () => performance.now() }
const never = new AbortController().signal
const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function listen(answer: (request: IncomingMessage, response: ServerResponse) => void): Promise<number> {
  const server = createServer(answer)
  servers.push(server)
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return Number(Object(server.address()).port)
}

async function send(port: number, given: object, signal = never): Promise<TriedPart[]> {
  const { name: _name, ...input } = tryRequestInput.parse({ name: 'hello', ...given })
  const parts: TriedPart[] = []
  const place = { host: '127.0.0.1', port, isTls: false }
  for await (const part of sendRequest(place, input, { clock, signal })) parts.push(part)
  return parts
}

const bodyOf = (parts: readonly TriedPart[]): string =>
  parts.map((part) => (part.type === 'body' ? part.text : '')).join('')

describe('a request that a person tries', () => {
  it('goes out as it was typed, and comes back whole, with who answered', async () => {
    const seen: {
      method?: string | undefined
      url?: string | undefined
      headers?: IncomingMessage['headers']
      body: string
    } = { body: '' }
    const port = await listen((request, response) => {
      Object.assign(seen, { method: request.method, url: request.url, headers: request.headers })
      request.setEncoding('utf8')
      request.on('data', (text: string) => (seen.body += text))
      request.on('end', () => {
        response.writeHead(201, { 'x-skykeep-replica': '3;version=2', 'x-own': 'yes' })
        response.write('grüß')
        response.end(' Gott')
      })
    })
    const headers = [{ name: 'Content-Type', value: 'application/json' }]
    const parts = await send(port, { method: 'POST', path: '/v1?x=%20', headers, body: '{"a":"ü"}' })
    expect(seen).toMatchObject({ method: 'POST', url: '/v1?x=%20', body: '{"a":"ü"}' })
    expect(seen.headers).toMatchObject({ 'content-type': 'application/json', host: `127.0.0.1:${port}` })
    expect(seen.headers?.cookie).toBeUndefined()
    expect(parts[0]).toMatchObject({ type: 'head', status: 201, replica: { id: 3, version: 2 } })
    expect(bodyOf(parts)).toBe('grüß Gott')
    expect(parts.at(-1)).toMatchObject({ type: 'end', bytes: 11, cut: null })
  })

  it('gives each piece as it comes, also half a character', async () => {
    let more = (): void => undefined
    const port = await listen((_request, response) => {
      response.write(Buffer.from('a\u00fc').subarray(0, 2))
      more = () => response.end(Buffer.from('\u00fc').subarray(1))
    })
    const { name: _name, ...input } = tryRequestInput.parse({ name: 'hello' })
    const parts = sendRequest({ host: '127.0.0.1', port, isTls: false }, input, { clock, signal: never })
    expect((await parts.next()).value).toMatchObject({ type: 'head', status: 200, replica: null })
    expect((await parts.next()).value).toEqual({ type: 'body', text: 'a' })
    more()
    expect((await parts.next()).value).toEqual({ type: 'body', text: 'ü' })
    expect((await parts.next()).value).toMatchObject({ type: 'end', bytes: 3 })
  })

  it('follows no redirect: the other place is never asked', async () => {
    let isAsked = false
    const other = await listen((_request, response) => {
      isAsked = true
      response.end()
    })
    const port = await listen((_request, response) => {
      response.writeHead(302, { location: `http://127.0.0.1:${other}/secret` }).end()
    })
    const [head] = await send(port, {})
    expect(head).toMatchObject({ type: 'head', status: 302 })
    expect(isAsked).toBe(false)
  })

  it('reads no more than it shows of an answer without an end', async () => {
    const port = await listen((_request, response) => {
      const fill = (): void => {
        while (response.write('x'.repeat(65_536)));
      }
      response.on('drain', fill)
      fill()
    })
    const parts = await send(port, {})
    expect(bodyOf(parts)).toHaveLength(triedLimits.answerBytesMax)
    expect(parts.at(-1)).toMatchObject({ type: 'end', bytes: triedLimits.answerBytesMax })
    expect(parts.at(-1)).not.toMatchObject({ cut: null })
  })

  it('says what failed; whoever leaves ends it', async () => {
    const silent = createServer()
    silent.listen(0, '127.0.0.1')
    await once(silent, 'listening')
    const port = Number(Object(silent.address()).port)
    silent.close()
    const [failed] = await send(port, {})
    expect(failed).toMatchObject({
      type: 'failed',
      message: expect.stringMatching('gateway is not running') as string,
    })
    const broken = await listen((request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('half')
      setImmediate(() => request.socket.destroy())
    })
    const parts = await send(broken, {})
    expect(parts.map(({ type }) => type)).toEqual(['head', 'body', 'failed'])
    const left = new AbortController()
    const waiting = await listen(() => left.abort())
    expect(await send(waiting, {}, left.signal)).toEqual([])
  })

  it.each([
    [{ path: 'http://evil.example/' }, 'a whole address'],
    [{ path: '@evil.example/' }, 'no leading slash'],
    [{ path: '/a b' }, 'a space'],
    [{ path: '/a\r\nHost: evil' }, 'a line break'],
    [{ headers: [{ name: 'Host', value: 'evil.example' }] }, 'another host'],
    [{ headers: [{ name: 'cookie', value: 'skykeep_session=x' }] }, 'a cookie'],
    [{ headers: [{ name: 'Transfer_Encoding', value: 'chunked' }] }, 'framing'],
    [{ headers: [{ name: 'X-A', value: 'a\r\nX-B: c' }] }, 'a second header'],
    [{ headers: [{ name: 'X A', value: 'a' }] }, 'a bad name'],
    [{ method: 'CONNECT' }, 'a tunnel'],
    [{ body: 'x'.repeat(triedLimits.bodyMax + 1) }, 'a body that is too long'],
  ])('refuses %j', (given, what) => {
    expect(tryRequestInput.safeParse({ name: 'hello', ...given }).success, what).toBe(false)
  })

  it('a path that looks like an address is a path of the endpoint', async () => {
    const urls: (string | undefined)[] = []
    const port = await listen((request, response) => {
      urls.push(request.url)
      response.end()
    })
    for (const path of ['//evil.example/x', '/\\evil.example', '/http://evil.example'])
      await send(port, { path })
    expect(urls).toEqual(['//evil.example/x', '/\\evil.example', '/http://evil.example'])
  })
})

forEachDatabase('trying a request', (source) => {
  let world: ActionWorld

  const attempt = async (role: 'user' | 'viewer', name = 'hello'): Promise<TriedPart[]> => {
    const parts: TriedPart[] = []
    for await (const part of tryRequest(world.as(role), tryRequestInput.parse({ name }), never))
      parts.push(part)
    return parts
  }

  it('only for who may, only to an endpoint that is open', async () => {
    world = await createActionWorld(await source.create())
    const { serviceUid } = await upService(world.as('user'), { yaml: serviceYaml() })
    const refused = (code: string): Error => expect.objectContaining({ code }) as Error
    await expect(attempt('viewer')).rejects.toEqual(refused('FORBIDDEN'))
    await expect(attempt('user', 'other')).rejects.toEqual(refused('NOT_FOUND'))
    await expect(attempt('user')).rejects.toEqual(refused('UNAVAILABLE'))
    await world.services.db.transaction((tx) =>
      transition(tx, { kind: 'endpoint', uid: serviceUid, to: 'OPEN', reason: 'BOUND' }),
    )
    // Nothing listens there: that is said, and nothing else is asked.
    expect((await attempt('user')).map(({ type }) => type)).toEqual(['failed'])
    await world.close()
  })

  it('shows a key of its own where the service asks for one, the same one again', async () => {
    world = await createActionWorld(await source.create())
    const rest = '  load_balancer:\n    access: {require_key: true}\n'
    const { serviceUid } = await upService(world.as('user'), { yaml: serviceYaml({ rest }) })
    await world.services.db.transaction((tx) =>
      transition(tx, { kind: 'endpoint', uid: serviceUid, to: 'OPEN', reason: 'BOUND' }),
    )
    await attempt('user')
    await attempt('user')
    const keys = await listServiceKeys(world.as('user'), { service: 'hello' })
    expect(keys.map(({ name }) => name)).toEqual([expect.stringMatching(/^dashboard-[0-9a-z]{8}$/)])
    expect(keys[0]?.expiresAtMs).not.toBe(null)
    await world.close()
  })
})
