import { mkdirSync, symlinkSync, writeFileSync } from 'node:fs'
import type { IncomingMessage } from 'node:http'
import { createServer } from 'node:http'
import { Agent, request } from 'node:https'
import { connect as connectPlain } from 'node:net'
import { join } from 'node:path'
import type { TLSSocket } from 'node:tls'
import { connect } from 'node:tls'
import type { ServiceRoute } from '@skykeep/core/routes'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { httpUpstream, listen, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { Routed, TestGateway, Upstream } from './harness.ts'
import { selfSigned } from './self-signed.ts'
import type { KeyAndCertificate } from './self-signed.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

let first: KeyAndCertificate
let second: KeyAndCertificate
beforeEach(() => {
  first = selfSigned('first')
  second = selfSigned('second')
})

const tls = { certFile: 'tls/cert.pem', keyFile: 'tls/key.pem' }

function served(digest: string): { service: Partial<ServiceRoute> } {
  return { service: { tls: { ...tls, digest } } }
}

function put({ folder }: TestGateway, { key, cert }: KeyAndCertificate): void {
  mkdirSync(join(folder.path, 'tls'), { recursive: true })
  writeFileSync(join(folder.path, tls.keyFile), key)
  writeFileSync(join(folder.path, tls.certFile), cert)
}

/** A gateway whose port speaks TLS with the first certificate. */
async function secured(upstream: Routed): Promise<TestGateway> {
  const gateway = await startGateway([upstream])
  cleanups.push(() => gateway.close())
  put(gateway, first)
  await gateway.route([upstream], served('1'))
  return gateway
}

async function answering(): Promise<Upstream> {
  const upstream = await httpUpstream((incoming, response) => {
    let length = 0
    incoming.on('data', (part: Buffer) => (length += part.length))
    incoming.on('end', () => response.end(`${String(incoming.headers['x-forwarded-proto'])} ${length}`))
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

/** The name in the certificate that a new connection is shown. */
function shownAt(port: number): Promise<string> {
  return new Promise((resolve, reject) => {
    const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false }, () => {
      resolve(String(socket.getPeerCertificate().subject.CN))
      socket.destroy()
    })
    socket.on('error', reject)
  })
}

function ask(port: number, agent: Agent, body = ''): Promise<string> {
  return new Promise((resolve, reject) => {
    const outgoing = request(
      { port, host: '127.0.0.1', agent, method: 'POST', rejectUnauthorized: false },
      (response: IncomingMessage) => {
        let text = ''
        response.on('data', (part: Buffer) => (text += part.toString()))
        response.on('end', () => resolve(text))
        response.on('error', reject)
      },
    )
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

/** A TLS connection that collects what it receives. */
async function securely(
  port: number,
  options: object = {},
): Promise<{ socket: TLSSocket; text: () => string }> {
  let text = ''
  const socket = connect({ port, host: '127.0.0.1', rejectUnauthorized: false, ...options })
  socket.on('data', (part: Buffer) => (text += part.toString('latin1')))
  socket.on('error', () => undefined)
  cleanups.push(async () => socket.destroy())
  await new Promise<void>((resolve, reject) => {
    socket.once('secureConnect', resolve)
    socket.once('error', reject)
  })
  return { socket, text: () => text }
}

describe('TLS', () => {
  it('carries requests of any size, one after another on one connection, with the protocol agreed on', async () => {
    const { port, gateway } = await secured(await answering())
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    for (const size of [0, 10, 3_000_000])
      expect(await ask(port, agent, 'x'.repeat(size))).toBe(`https ${size}`)
    expect(gateway.listeners.connectionCount).toBe(1)
    agent.destroy()
    const { socket } = await securely(port, { ALPNProtocols: ['http/1.1', 'h2'] })
    // The gateway's preference is the one that counts (RFC 7301 §3.2).
    expect(socket.alpnProtocol).toBe('h2')
    expect(socket.getProtocol()).toBe('TLSv1.3')
    expect((await securely(port, { ALPNProtocols: ['http/1.1'] })).socket.alpnProtocol).toBe('http/1.1')
    await expect(securely(port, { ALPNProtocols: ['h3'] })).rejects.toThrow(/alert/)
    await expect(securely(port, { maxVersion: 'TLSv1.1', minVersion: 'TLSv1' })).rejects.toThrow(
      /version|protocol/i,
    )
    expect((await securely(port, { maxVersion: 'TLSv1.2' })).socket.getProtocol()).toBe('TLSv1.2')
  })

  it('streams as bytes come, and tells the replica when the client leaves', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.once('data', () =>
        socket.write('HTTP/1.1 200 OK\r\nContent-Type: text/event-stream\r\n\r\ndata: 1\n\n'),
      )
    })
    cleanups.push(() => upstream.kill())
    const { port, gateway } = await secured(upstream)
    const client = await securely(port)
    client.socket.write('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await until('the first', () => client.text().endsWith('data: 1\n\n'))
    for (const socket of upstream.sockets) socket.write('data: 2\n\n')
    await until('the second', () => client.text().endsWith('data: 2\n\n'))
    client.socket.destroy()
    await until('the replica is told', () => upstream.sockets.size === 0)
    expect(gateway.plane.inFlight.count).toBe(0)
  })

  it('carries a WebSocket both ways to its end', async () => {
    const server = createServer()
    const echo = new WebSocketServer({ server })
    const port = await listen(server)
    cleanups.push(() => new Promise((resolve) => server.close(resolve)))
    echo.on('connection', (socket) => socket.on('message', (message) => socket.send(message)))
    const { port: outer, gateway } = await secured({ port })
    const socket = new WebSocket(`wss://127.0.0.1:${outer}/`, { rejectUnauthorized: false })
    const echoed: number[] = []
    socket.on('message', (message: Buffer) => echoed.push(message.length))
    await new Promise((resolve) => socket.once('open', resolve))
    for (const size of [5, 100_000]) socket.send(Buffer.alloc(size))
    await until('both', () => echoed.length === 2)
    expect(echoed).toEqual([5, 100_000])
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.close(4001)
    expect(await closed).toBe(4001)
    await until('none in flight', () => gateway.plane.inFlight.count === 0)
    expect(gateway.plane.lost.reports()).toEqual([])
  })

  it('a response that breaks in the middle is seen as broken', async () => {
    const upstream = await rawUpstream((socket) => {
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome')
        setTimeout(() => socket.resetAndDestroy(), 20)
      })
    })
    cleanups.push(() => upstream.kill())
    const { port } = await secured(upstream)
    const agent = new Agent({ keepAlive: true })
    await expect(ask(port, agent)).rejects.toThrow(/aborted|ECONNRESET|hang up/)
    agent.destroy()
  })

  it('an idle connection, a silent one and one that is only half shaken hands with are ended with the gateway', async () => {
    const upstream = await answering()
    const { port, gateway } = await secured(upstream)
    const idle = await securely(port)
    const silent = new RawClient(port)
    const half = new RawClient(port)
    half.send('\x16\x03\x01')
    await until('three connections', () => gateway.listeners.connectionCount === 3)
    await gateway.stop(0)
    await until('their end', () => idle.socket.destroyed)
    expect([await silent.untilEnd(), (await half.untilEnd()).length]).toEqual(['', 0])
    expect(gateway.listeners.connectionCount).toBe(0)
  })
})

describe('the wrong protocol', () => {
  it('a plain request to a TLS port gets 400 and is closed', async () => {
    const { port } = await secured(await answering())
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    expect(await client.untilEnd()).toMatch(/^HTTP\/1\.1 400 Bad Request\r\n[^]*this port speaks HTTPS/)
  })

  it('a TLS hello to a plain port is closed without an answer', async () => {
    const upstream = await answering()
    const { port, gateway, close } = await startGateway([upstream])
    cleanups.push(close)
    let received = 0
    const plain = connectPlain({ port, host: '127.0.0.1' })
    plain.on('data', (part: Buffer) => (received += part.length))
    const secure = connect({ socket: plain, rejectUnauthorized: false })
    const failed = new Promise<Error>((resolve) => secure.on('error', resolve))
    expect((await failed).message).toMatch(/disconnected|ECONNRESET/)
    expect(received).toBe(0)
    await until('it is closed', () => gateway.listeners.connectionCount === 0)
  })
})

describe('certificates', () => {
  it('a new digest is in force for the next connection, without a restart; those before go on', async () => {
    const upstream = await answering()
    const plane = await secured(upstream)
    const agent = new Agent({ keepAlive: true, maxSockets: 1 })
    await ask(plane.port, agent)
    expect(await shownAt(plane.port)).toBe('first')
    put(plane, second)
    await plane.route([upstream], served('1'))
    expect(await shownAt(plane.port)).toBe('first')
    await plane.route([upstream], served('2'))
    expect(await shownAt(plane.port)).toBe('second')
    expect(await ask(plane.port, agent)).toBe('https 0')
    agent.destroy()
  })

  it.each([
    ['a key of another certificate', (plane: TestGateway) => put(plane, { ...second, key: first.key })],
    ['no certificate at all', (plane: TestGateway) => put(plane, { key: 'none', cert: 'none' })],
  ])('%s leaves the one before in force, and health says so until it is mended', async (_what, spoil) => {
    const upstream = await answering()
    const plane = await secured(upstream)
    spoil(plane)
    await plane.route([upstream], served('2'))
    expect(await shownAt(plane.port)).toBe('first')
    expect(plane.gateway.faults()).toMatchObject([expect.stringContaining('the certificate before')])
    expect(plane.gateway.status().blockedPorts).toEqual([])
    put(plane, second)
    await until('it is mended', () => plane.gateway.faults().length === 0)
    expect(await shownAt(plane.port)).toBe('second')
  })

  it('with none the port is blocked with the reason, and opens when there is one', async () => {
    const upstream = await answering()
    const plane = await startGateway([upstream], served('1'))
    cleanups.push(plane.close)
    const { blockedPorts, boundPorts } = plane.gateway.status()
    expect(blockedPorts).toMatchObject([{ port: plane.port, reason: expect.stringContaining('ENOENT') }])
    expect(boundPorts).toEqual([])
    expect(plane.gateway.faults()[0]).toContain('is blocked: certificate')
    put(plane, first)
    await until('it is open', () => plane.gateway.status().boundPorts.length === 1)
    expect(await shownAt(plane.port)).toBe('first')
    expect(plane.gateway.status().blockedPorts).toEqual([])
  })

  it('a port that begins to speak TLS without a certificate takes no plain request either', async () => {
    const upstream = await answering()
    const plane = await startGateway([upstream])
    cleanups.push(plane.close)
    await plane.route([upstream], served('1'))
    expect(await new RawClient(plane.port).untilEnd()).toBe('')
    expect(plane.gateway.status().blockedPorts).toHaveLength(1)
    await plane.route([upstream])
    const client = new RawClient(plane.port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('200 OK')
    client.socket.destroy()
  })

  it('files outside of the persistent path are refused, by their name and through a link', async () => {
    const upstream = await answering()
    const plane = await startGateway([upstream])
    cleanups.push(plane.close)
    put(plane, first)
    const outside = await startGateway([upstream])
    cleanups.push(outside.close)
    put(outside, first)
    const away = join(outside.folder.path, tls.certFile)
    symlinkSync(away, join(plane.folder.path, 'link.pem'))
    const up = plane.folder.path.split('/').map(() => '..')
    for (const certFile of [away, join(...up, away), 'link.pem']) {
      await plane.route([upstream], { service: { tls: { ...tls, certFile, digest: certFile } } })
      expect(plane.gateway.status().blockedPorts).toMatchObject([
        { reason: expect.stringContaining('is not inside the persistent path') },
      ])
    }
  })
})
