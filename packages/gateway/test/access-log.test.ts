import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  truncateSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { ServiceRoute } from '@skykeep/core/routes'
import { afterEach, describe, expect, it } from 'vitest'
import { AccessLog } from '../src/access-log.ts'
import type { AccessEntry } from '../src/access-log.ts'
import { httpUpstream, RawClient, rawUpstream, startGateway, until } from './harness.ts'
import type { Routed, TestGateway, Upstream } from './harness.ts'
import { randomFrom } from './random.ts'

const cleanups: (() => unknown)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), 'skykeep-access-'))
  cleanups.push(() => rmSync(path, { recursive: true, force: true }))
  return path
}

function linesOf(path: string): readonly AccessEntry[] {
  const lines = readFileSync(path, 'utf8').split('\n')
  return lines.filter((line) => line !== '').map((line) => JSON.parse(line) as AccessEntry) // written by the log itself
}

function entry(id: string, path = '/'): AccessEntry {
  const of = { time: '', service: 'hello', replica: 1, version: 1, method: 'GET', status: 200, reason: '' }
  return { id, path, ...of, bytesIn: 0, bytesOut: 0, ms: 1, firstByteMs: 1, retries: 0 }
}

describe('the access log', () => {
  it('writes what waits once a second, or when it is much; the folder is made, for its owner alone', async () => {
    const path = join(folder(), 'logs', 'access.jsonl')
    const log = new AccessLog(path, Math.random)
    log.sweep(0)
    log.add(entry('a'))
    log.sweep(10)
    await until('the first line', () => statSync(path, { throwIfNoEntry: false })?.size)
    log.add(entry('b'))
    log.sweep(1009)
    log.add(entry('c', `/${'x'.repeat(70_000)}`))
    // A sweep while the one before is still being written leaves it to the next.
    await until('both others', () => {
      log.sweep(1009)
      return linesOf(path).length === 3
    })
    expect(linesOf(path).map(({ id }) => id)).toEqual(['a', 'b', 'c'])
    expect(statSync(path).mode & 0o777).toBe(0o600)
    log.add(entry('d'))
    await log.close()
    expect(linesOf(path).map(({ id }) => id)).toEqual(['a', 'b', 'c', 'd'])
  })

  it('begins a new file past 8 MiB, and keeps four older ones', async () => {
    const path = join(folder(), 'access.jsonl')
    for (let i = 0; i < 7; i += 1) {
      // One process a turn, so that each looks at how large the file is.
      const log = new AccessLog(path, Math.random)
      log.add(entry(`${i}`))
      await log.close()
      truncateSync(path, 8 * 1024 * 1024)
    }
    const names = readdirSync(join(path, '..')).toSorted()
    expect(names).toEqual(['', '.1', '.2', '.3', '.4'].map((age) => `access.jsonl${age}`))
    expect(readFileSync(path, 'utf8')).toContain('"id":"6"')
    expect(readFileSync(`${path}.4`, 'utf8')).toContain('"id":"2"')
  })

  it('drops and counts what a slow disk cannot take: memory stays bounded', async () => {
    const path = join(folder(), 'access.jsonl')
    const log = new AccessLog(path, Math.random)
    const long = `/${'x'.repeat(1000)}`
    for (let i = 0; i < 2000; i += 1) log.add(entry(`${i}`, long))
    expect(log.droppedLines).toBeGreaterThan(900)
    await log.close()
    expect(linesOf(path)).toHaveLength(2000 - log.droppedLines)
  })

  it('a disk that fails costs its lines, says so, and is tried again; no line is joined to a torn one', async () => {
    const root = folder()
    const place = join(root, 'logs')
    writeFileSync(place, 'in the way')
    const log = new AccessLog(join(place, 'access.jsonl'), Math.random)
    log.add(entry('lost'))
    await log.close()
    expect(log.lastError).toMatch(/EEXIST|ENOTDIR/)
    expect(log.droppedLines).toBe(1)
    rmSync(place)
    mkdirSync(place)
    writeFileSync(join(place, 'access.jsonl'), '{"id":"half')
    log.add(entry('next'))
    await log.close()
    expect(log.lastError).toBe('')
    const text = readFileSync(join(place, 'access.jsonl'), 'utf8')
    expect(text.split('\n').at(-2)).toMatch(/^\{.*"id":"next".*\}$/)
  })

  it('what was dropped is a fault for an hour, what cannot be written for as long', async () => {
    const root = folder()
    const place = join(root, 'logs')
    const log = new AccessLog(join(place, 'access.jsonl'), Math.random)
    log.sweep(0)
    expect(log.fault(0)).toBe('')
    writeFileSync(place, 'in the way')
    log.add(entry('lost'))
    await log.close()
    log.sweep(1000)
    expect(log.fault(1000)).toMatch(/^the access log cannot be written \(dropped lines: 1\): E/)
    rmSync(place)
    log.add(entry('next'))
    await log.close()
    log.sweep(2000)
    expect(log.fault(2000)).toBe(
      'the access log lacks lines (dropped: 1): the disk was slow, or failed for a while',
    )
    expect(log.fault(3_600_999)).not.toBe('')
    expect(log.fault(3_601_000)).toBe('')
  })

  it('goes on elsewhere when it is told to', async () => {
    const root = folder()
    const log = new AccessLog(join(root, 'a', 'access.jsonl'), Math.random)
    log.add(entry('1'))
    log.sweep(0)
    log.moveTo(join(root, 'b', 'access.jsonl'))
    log.add(entry('2'))
    await log.close()
    expect(linesOf(join(root, 'a', 'access.jsonl')).map(({ id }) => id)).toEqual(['1'])
    expect(linesOf(join(root, 'b', 'access.jsonl')).map(({ id }) => id)).toEqual(['2'])
  })

  it('takes the share that it is told', () => {
    const log = new AccessLog('', randomFrom(5))
    const taken = (share: number): number =>
      Array.from({ length: 10_000 }, () => log.isSampled(share)).filter(Boolean).length
    expect(taken(1)).toBe(10_000)
    expect(taken(0)).toBe(0)
    expect(Math.abs(taken(0.1) - 1000)).toBeLessThan(100)
  })
})

async function gatewayFor(
  upstreams: readonly (Routed | Upstream)[],
  service: Partial<ServiceRoute> = { accessLog: { sample: 1 } },
): Promise<TestGateway> {
  const gateway = await startGateway(upstreams, { service: { policy: 'round_robin', ...service } })
  cleanups.push(() => gateway.close())
  return gateway
}

async function answering(): Promise<Upstream> {
  const upstream = await httpUpstream((incoming, response) => {
    incoming.resume()
    incoming.on('end', () => response.end('answer'))
  })
  cleanups.push(() => upstream.kill())
  return upstream
}

async function raw(onData: Parameters<typeof rawUpstream>[0]): Promise<Upstream> {
  const upstream = await rawUpstream(onData)
  cleanups.push(() => upstream.kill())
  return upstream
}

async function send(port: number, text: string): Promise<string> {
  const client = new RawClient(port)
  client.send(text)
  return client.untilEnd()
}

/** All lines, once there are that many. */
function logged({ folder: of }: TestGateway, count: number): Promise<readonly AccessEntry[]> {
  const path = join(of.path, 'access.jsonl')
  return until(`${count} lines`, () => {
    const isThere = statSync(path, { throwIfNoEntry: false }) !== undefined
    const lines = isThere ? linesOf(path) : []
    return lines.length >= count && lines
  })
}

describe('a request in the log', () => {
  it('has its id, where it went, what it was and how long it took; no query, no key, no header, no body', async () => {
    const plane = await gatewayFor([await answering()])
    const secret = 'hush-hush'
    await send(
      plane.port,
      `POST /v1/chat?token=${secret} HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Request-Id: mine-1\r\n` +
        `Authorization: Bearer ${secret}\r\nCookie: c=${secret}\r\nContent-Length: 9\r\n\r\n${secret}`,
    )
    await send(plane.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const [post, get] = await logged(plane, 2)
    expect(post).toMatchObject({
      id: 'mine-1',
      service: 'hello',
      replica: 0,
      version: 1,
      method: 'POST',
      path: '/v1/chat',
      status: 200,
      bytesIn: 9,
      retries: 0,
      reason: '',
    })
    expect(post?.bytesOut).toBeGreaterThan('answer'.length)
    expect(post?.firstByteMs).toBeLessThanOrEqual(post?.ms ?? 0)
    expect(get?.id).toMatch(/^[0-9a-f-]{16}-\w+$/)
    expect(get?.time).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/)
    expect(readFileSync(join(plane.folder.path, 'access.jsonl'), 'utf8')).not.toContain(secret)
  })

  it('says how often it went on, and why it did not end well', async () => {
    const dying = await raw((socket) => socket.on('data', () => socket.resetAndDestroy()))
    const half = await raw((socket) =>
      socket.on('data', () => {
        socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nsome')
        setTimeout(() => socket.destroy(), 20)
      }),
    )
    const silent = await raw((socket) => socket.resume())
    const plane = await gatewayFor([dying, await answering()])
    await send(plane.port, 'GET /repeated HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    expect(await logged(plane, 1)).toMatchObject([{ path: '/repeated', replica: 1, status: 200, retries: 1 }])
    await plane.route([half])
    await send(plane.port, 'GET /cut HTTP/1.1\r\nHost: a\r\n\r\n')
    await plane.route([{ port: silent.port, uid: 'mute' }])
    const client = new RawClient(plane.port)
    client.send('GET /gone HTTP/1.1\r\nHost: a\r\n\r\n')
    await until('the request', () => plane.gateway.status().inFlight['mute'] === 1)
    client.socket.destroy()
    await until('its end', () => plane.gateway.status().inFlight['mute'] === undefined)
    await plane.route([])
    await send(plane.port, 'GET /none HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    const [, ...rest] = await logged(plane, 4)
    expect(rest).toMatchObject([
      { path: '/cut', status: 200, reason: 'broken_off' },
      { path: '/gone', status: 0, reason: 'client_left', firstByteMs: null },
      { path: '/none', status: 503, reason: 'no_replica', replica: null },
    ])
  })

  it('says that a client was slow which took nothing of its answer for two minutes: its connection is reset', async () => {
    const endless = await raw((socket) => {
      const more = (): void => {
        while (socket.write(Buffer.alloc(65_536)));
      }
      socket.on('drain', more)
      socket.on('data', () => {
        socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${2 ** 40}\r\n\r\n`)
        more()
      })
    })
    const plane = await gatewayFor([{ port: endless.port, uid: 'endless' }])
    const client = new RawClient(plane.port)
    const code = new Promise((resolve) => client.socket.on('error', ({ message }) => resolve(message)))
    client.send('GET /stalled HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('200 OK')
    client.socket.pause()
    await until('its end', () => {
      plane.gateway.listeners.checkTimes(performance.now() + 121_000)
      return plane.gateway.status().inFlight['endless'] === undefined
    })
    client.socket.resume()
    expect(await code).toContain('ECONNRESET')
    expect(await logged(plane, 1)).toMatchObject([{ path: '/stalled', status: 200, reason: 'slow_client' }])
  })

  it('is there too when it was refused at the door, without what it showed', async () => {
    const plane = await gatewayFor([], { accessLog: { sample: 1 }, access: { keys: [] } })
    const text = 'GET /door?k=v HTTP/1.1\r\nHost: a\r\nConnection: close\r\nX-Api-Key: hush\r\n\r\n'
    expect(await send(plane.port, text)).toContain(' 401 ')
    expect(await logged(plane, 1)).toMatchObject([
      { path: '/door', status: 401, reason: 'key', replica: null },
    ])
    expect(readFileSync(join(plane.folder.path, 'access.jsonl'), 'utf8')).not.toContain('hush')
  })

  it('is not there where nobody asked for a log', async () => {
    const plane = await gatewayFor([await answering()], {})
    await send(plane.port, 'GET / HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n')
    await plane.gateway.stop(0)
    expect(readdirSync(plane.folder.path)).not.toContain('access.jsonl')
  })
})
