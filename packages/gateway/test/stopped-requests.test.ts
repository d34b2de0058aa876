import { existsSync, mkdirSync, readFileSync, writeFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Socket } from 'node:net'
import { join } from 'node:path'
import { connect as connectTls } from 'node:tls'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readJournal } from '../src/journal-reports.ts'
import { httpUpstream, RawClient, startGateway, until } from './harness.ts'
import type { TestGateway, Upstream } from './harness.ts'
import { selfSigned } from './self-signed.ts'

let upstream: Upstream
let gateway: TestGateway
let client: RawClient

beforeEach(async () => {
  upstream = await httpUpstream((incoming, response) => {
    if (incoming.url === '/stream') response.write('data: first\n\n')
    else response.end('ok')
  })
  gateway = await startGateway([upstream], { service: { accessLog: { sample: 1 } } })
  client = new RawClient(gateway.port)
})

afterEach(async () => {
  await gateway.close()
  await upstream.kill()
})

/** Paths in the journal that the process leaves. */
function listed(): readonly string[] | null {
  const path = join(gateway.folder.path, 'journal.jsonl')
  if (!existsSync(path)) return null
  return readJournal(readFileSync(path, 'utf8'))?.requests.map((request) => request.path) ?? []
}

/** A connection that says nothing yet. */
function open(): Socket {
  const socket = connect({ port: gateway.port, host: '127.0.0.1' })
  socket.on('error', () => undefined)

  return socket
}

async function askShortly(): Promise<void> {
  const other = new RawClient(gateway.port)
  other.send('GET /short HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
  await other.untilEnd()
}

describe('a process that stops', () => {
  it('lists what was still in flight when its time was over, as one that is killed does', async () => {
    client.send('GET /stream HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('first')
    await until('the journal', () => listed()?.includes('/stream'))
    await askShortly()
    await until('the first line of the access log', () =>
      existsSync(join(gateway.folder.path, 'access.jsonl')),
    )
    // Its line waits: the process that stops has a file to write.
    await askShortly()
    await gateway.gateway.stop(0)
    await until('the end of the connection', () => client.isClosed || client.isEnded)
    expect(client.text).not.toContain('\r\n0\r\n\r\n')
    expect(listed()).toEqual(['/stream'])
  })

  it('gives a connection that has yet to shake hands the time of one that waits for its next request', async () => {
    const { key, cert } = selfSigned('a')
    mkdirSync(join(gateway.folder.path, 'tls'))
    writeFileSync(join(gateway.folder.path, 'tls', 'key.pem'), key)
    writeFileSync(join(gateway.folder.path, 'tls', 'cert.pem'), cert)
    const tls = { certFile: 'tls/cert.pem', keyFile: 'tls/key.pem', digest: '1' }
    await gateway.route([upstream], { service: { tls } })
    const { listeners } = gateway.gateway
    client.socket.destroy()
    await until('no other connection', () => listeners.connectionCount === 0)
    const [late, silent] = [open(), open()]
    await until('the connections', () => listeners.connectionCount === 2)
    const stopped = gateway.gateway.stop(20_000, 1000)
    const secure = connectTls({ socket: late, rejectUnauthorized: false })
    secure.write('GET /short HTTP/1.1\r\nHost: a\r\n\r\n')
    let answer = ''
    secure.on('data', (bytes: Buffer) => (answer += bytes.toString('latin1')))
    await until('its answer', () => answer.endsWith('ok'))
    expect(answer).toMatch(/connection: close/i)
    secure.destroy()
    await until('the end of the silent one', () => silent.readableEnded || silent.destroyed)
    await stopped
  })

  it('leaves no journal where all ended in time', async () => {
    await askShortly()
    await gateway.gateway.stop(1000)
    expect(listed()).toBeNull()
  })
})
