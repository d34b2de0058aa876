import { createServer, type RequestListener, type Server } from 'node:http'
import { afterEach, describe, expect, it } from 'vitest'
import { probeReplica } from '../src/replicas/http-probe.ts'
import { specOf } from './builders.ts'

let server: Server | undefined

afterEach(() => {
  server?.closeAllConnections()
  server?.close()
})

async function listen(answer: RequestListener): Promise<{ host: string; port: number }> {
  const created = createServer(answer)
  server = created
  await new Promise<void>((resolve) => created.listen(0, '127.0.0.1', resolve))
  const address = created.address()
  if (address === null || typeof address === 'string') throw new Error('it listens on TCP')
  return { host: '127.0.0.1', port: address.port }
}

const probe = { ...specOf().service.readinessProbe, path: '/health?x=1', timeoutSeconds: 1 }

describe('readiness probe', () => {
  it('is a GET of the path with the headers; any 2xx is ready', async () => {
    const seen: string[] = []
    const address = await listen((request, response) => {
      seen.push(`${request.method} ${request.url} ${request.headers['authorization']}`)
      response.writeHead(204).end()
    })
    expect(await probeReplica(address, { ...probe, headers: { Authorization: 'Bearer x' } })).toEqual({
      isReady: true,
    })
    expect(seen).toEqual(['GET /health?x=1 Bearer x'])
  })

  it('is a POST where the spec has a body', async () => {
    const address = await listen((request, response) => {
      let body = ''
      request.on('data', (chunk: Buffer) => (body += chunk.toString()))
      request.on('end', () =>
        response.writeHead(request.method === 'POST' && body === '{"a":1}' ? 200 : 400).end(),
      )
    })
    expect(await probeReplica(address, { ...probe, postBody: '{"a":1}' })).toEqual({ isReady: true })
  })

  it.each([404, 500, 503])('%i is not ready, and says so', async (status) => {
    const address = await listen((_, response) => response.writeHead(status).end())
    expect(await probeReplica(address, probe)).toEqual({
      isReady: false,
      reason: `/health?x=1 answered ${status}`,
    })
  })

  it('follows a redirect on the replica itself, and no other', async () => {
    const address = await listen((request, response) => {
      if (request.url === '/moved') response.writeHead(200).end()
      else
        response
          .writeHead(302, { location: request.url === '/away' ? 'http://127.0.0.1:1/' : '/moved' })
          .end()
    })
    expect(await probeReplica(address, probe)).toEqual({ isReady: true })
    expect(await probeReplica(address, { ...probe, path: '/away' })).toMatchObject({ isReady: false })
  })

  it('an endless body does not hold it, a silent replica does only for the time-out', async () => {
    const address = await listen((request, response) => {
      if (request.url === '/stream') response.write('data')
    })
    expect(await probeReplica(address, { ...probe, path: '/stream' })).toEqual({ isReady: true })
    expect(await probeReplica(address, probe)).toEqual({ isReady: false, reason: 'no answer within 1 s' })
  })

  it('names a port that nobody listens on', async () => {
    const { port } = await listen(() => undefined)
    server?.close()
    const result = await probeReplica({ host: '127.0.0.1', port }, probe)
    expect(result).toEqual({ isReady: false, reason: `nothing listens on 127.0.0.1:${port}` })
  })
})
