import { mkdirSync, writeFileSync } from 'node:fs'
import { connect as connectHttp2 } from 'node:http2'
import type { ClientHttp2Session } from 'node:http2'
import { connect } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { httpUpstream, startGateway, until } from './harness.ts'
import type { TestGateway, Upstream } from './harness.ts'
import { selfSigned } from './self-signed.ts'

/** Far below the time-outs that would end such a connection too: 30 s of a handshake, 120 s of a response. */
const soonMs = 5_000
/** The beginning of a record that holds a ClientHello (RFC 8446 §5.1, §4), less than the whole. */
const beginningOfHello = Buffer.concat([Buffer.from('160301020001', 'hex'), Buffer.alloc(300)])

let upstream: Upstream
let gateway: TestGateway

beforeEach(async () => {
  upstream = await httpUpstream((incoming, response) => {
    if (incoming.url === '/endless') response.write('x'.repeat(4_000_000))
    else response.end('ok')
  })
  gateway = await startGateway([upstream])
  const { key, cert } = selfSigned('a')
  mkdirSync(join(gateway.folder.path, 'tls'))
  writeFileSync(join(gateway.folder.path, 'tls', 'key.pem'), key)
  writeFileSync(join(gateway.folder.path, 'tls', 'cert.pem'), cert)
  const tls = { certFile: 'tls/cert.pem', keyFile: 'tls/key.pem', digest: '1' }
  await gateway.route([upstream], { service: { tls } })
})

afterEach(async () => {
  await gateway.close()
  await upstream.kill()
})

function begin(): ClientHttp2Session {
  const session = connectHttp2(`https://127.0.0.1:${gateway.port}`, { rejectUnauthorized: false })
  session.on('error', () => undefined)
  session.request({ ':path': '/endless' }).on('error', () => undefined)
  return session
}

/** Agrees on HTTP/2 and goes some ms later, without a word of it. */
async function shakeAndLeave(afterMs: number): Promise<void> {
  const tcp = connect({ port: gateway.port, host: '127.0.0.1' })
  const secure = connectTls({ socket: tcp, rejectUnauthorized: false, ALPNProtocols: ['h2'] })
  for (const each of [tcp, secure]) each.on('error', () => undefined)
  secure.resume()
  await new Promise((resolve) => secure.once('secureConnect', resolve))
  await new Promise((resolve) => setTimeout(resolve, afterMs))
  secure.destroy()
  tcp.destroy()
}

describe('clients of a TLS port that go without a word', () => {
  it('HTTP/2 in the middle of a response that they do not take: no request and no connection is left', async () => {
    const sessions = Array.from({ length: 5 }, begin)
    await until('the responses', () => gateway.gateway.status().inFlight['r0'] === 5)
    // Until flow control holds the responses back: from then on the gateway writes nothing by which it would notice.
    await new Promise((resolve) => setTimeout(resolve, 200))
    for (const session of sessions) session.destroy()
    await until('no request in flight', () => gateway.gateway.plane.inFlight.count === 0, soonMs)
    await until('no connection', () => gateway.gateway.listeners.connectionCount === 0, soonMs)
    expect(gateway.gateway.status().inFlight).toEqual({})
  })

  it('HTTP/2 as soon as hands are shaken: no connection is left, whatever was being written to it', async () => {
    for (let round = 0; round < 15; round += 1)
      await Promise.all(Array.from({ length: 20 }, (_, at) => shakeAndLeave(at % 10)))
    const { listeners } = gateway.gateway
    await until('no connection', () => listeners.connectionCount === 0, soonMs)
    expect(listeners.connectionCount).toBe(0)
  })

  it('before hands are shaken: no connection is left', async () => {
    const sockets = Array.from({ length: 5 }, () => {
      const socket = connect({ port: gateway.port, host: '127.0.0.1' })
      socket.write(beginningOfHello)
      return socket
    })
    const { listeners } = gateway.gateway
    await until('the handshakes', () => listeners.connectionCount === 5)
    await new Promise((resolve) => setTimeout(resolve, 100))
    for (const socket of sockets) socket.end()
    await until('no connection', () => listeners.connectionCount === 0, soonMs)
    expect(listeners.connectionCount).toBe(0)
  })
})
