import { request } from 'node:http'
import { createServer as createTcpServer } from 'node:net'
import { killProcess } from '@skykeep/persistent-path/process-identity'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, until } from './gateway-processes.ts'
import { ask, HelloReplica } from './hello-service.ts'
import type { Outcome } from './hello-service.ts'

let gateways: GatewayProcesses
let replica: HelloReplica
let port: number

beforeEach(async () => {
  gateways = new GatewayProcesses()
  replica = new HelloReplica()
  await replica.start()
  port = await freePort()
})

afterEach(async () => {
  await gateways.remove()
  await replica.stop()
})

/** Loops with `count` clients until stopped; says how many requests had which outcome. */
function loop(count: number): {
  stop(): Promise<Record<Outcome, number>>
  readonly seen: Record<Outcome, number>
} {
  const seen = { ok: 0, refused: 0, broken: 0 }
  const state = { isStopping: false }
  const clients = Array.from({ length: count }, async () => {
    while (!state.isStopping) seen[await ask(port)] += 1
  })
  return {
    seen,
    async stop() {
      state.isStopping = true
      await Promise.all(clients)
      return seen
    },
  }
}

/** A stream that goes on; resolves once its first bytes are there. */
function stream(name: string): Promise<{ hasEnded(): boolean; leave(): void }> {
  return new Promise((resolve, reject) => {
    let hasEnded = false
    const outgoing = request({ port, host: '127.0.0.1', path: `/stream/${name}?secret=1`, agent: false })
    outgoing.on('response', (response) => {
      response.on('error', () => undefined)
      response.on('close', () => (hasEnded = true))
      response.once('data', () => resolve({ hasEnded: () => hasEnded, leave: () => outgoing.destroy() }))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

describe('gateway processes', { timeout: 60_000 }, () => {
  it('invariant 7: SIGKILL of either process, three times, refuses no connection', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    await gateways.untilServing(2, [port])
    const clients = loop(10)
    for (let round = 0; round < 4; round += 1) {
      const leader = await gateways.leader()
      const victim = round % 2 === 0 ? leader : gateways.living.find(({ pid }) => pid !== leader.pid)
      if (victim === undefined) throw new Error('no process to kill')
      const before = clients.seen.ok
      await until('some traffic', () => clients.seen.ok > before + 50)
      killProcess(victim, 'SIGKILL')
      await until('its end', () => !gateways.living.some(({ pid }) => pid === victim.pid))
      await gateways.untilServing(2, [port])
    }
    const seen = await clients.stop()
    expect(seen.refused).toBe(0)
    // The dying process breaks what it had in hand, at most one request a client each time.
    expect(seen.broken).toBeLessThanOrEqual(40)
    expect(seen.ok).toBeGreaterThan(200)
  })

  it('SIGKILL of all, then a start: the same port, and exactly the broken streams in the reports, until acked', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    await gateways.untilServing(2, [port])
    const finished = await stream('left')
    const streams = await Promise.all(['a', 'b', 'c'].map((name) => stream(name)))
    await until('the journal', async () => {
      const running = await Promise.all(
        gateways.living.map((record) => gateways.call(record, 'GET', '/running')),
      )
      return running.flat().length === 4
    })
    finished.leave()
    await until('the end of the one that left', async () => {
      const running = await Promise.all(
        gateways.living.map((record) => gateways.call(record, 'GET', '/running')),
      )
      return running.flat().length === 3
    })
    for (let i = 0; i < 20; i += 1) expect(await ask(port)).toBe('ok')
    gateways.killAll()
    await until('broken streams', () => streams.every((one) => one.hasEnded()))
    gateways.start()
    await gateways.untilServing(2, [port])
    expect(await ask(port)).toBe('ok')
    const reports = await gateways.unfinished()
    const listed = reports.flatMap(({ requests }) => requests)
    expect(listed.map(({ path }) => path).toSorted()).toEqual(['/stream/a', '/stream/b', '/stream/c'])
    expect(listed[0]).toMatchObject({
      method: 'GET',
      kind: 'stream',
      replicaUid: 'rep_1',
      serviceName: 'hello',
    })
    const leader = await gateways.leader()
    for (const { epoch } of reports) {
      expect(await gateways.call(leader, 'POST', '/unfinished/ack', { epoch })).toEqual({ acked: true })
    }
    expect(await gateways.unfinished()).toEqual([])
  })

  it.each(['leader', 'sibling'] as const)(
    'invariant 6: SIGSTOP of the %s: replaced, its streams listed',
    async (who) => {
      gateways.writeTable([replica.serviceOn(port)])
      gateways.start()
      await gateways.untilServing(2, [port])
      const leader = await gateways.leader()
      const victim = who === 'leader' ? leader : gateways.living.find(({ pid }) => pid !== leader.pid)
      if (victim === undefined) throw new Error('no process to stop')
      const streams = await Promise.all(Array.from({ length: 12 }, (_, i) => stream(String(i))))
      const running = await until('the journal', async () => {
        const all = await Promise.all(
          gateways.living.map((record) => gateways.call(record, 'GET', '/running')),
        )
        if (all.flat().length !== 12) return undefined
        const mine = await gateways.call(victim, 'GET', '/running')
        return Array.isArray(mine) && { count: mine.length }
      })
      killProcess(victim, 'SIGSTOP')
      await until('its end', () => !gateways.living.some(({ pid }) => pid === victim.pid))
      await gateways.untilServing(2, [port])
      await until(
        'the broken streams',
        () => streams.filter((one) => one.hasEnded()).length === running.count,
      )
      const listed = (await gateways.unfinished()).flatMap(({ requests }) => requests)
      expect(listed).toHaveLength(running.count)
      for (const one of streams) one.leave()
    },
  )

  it('binds the port of a new service in all processes, and frees that of a removed one', async () => {
    gateways.writeTable([])
    gateways.start(3)
    const [first] = await gateways.untilServing(3, [])
    if (first === undefined) throw new Error('no process')
    gateways.writeTable([replica.serviceOn(port)])
    const sibling = gateways.living.find(({ name }) => name !== 'gateway-0') ?? first
    expect(await gateways.call(sibling, 'POST', '/reload')).toMatchObject({
      appliedVersion: 2,
      boundPorts: [port],
    })
    await gateways.untilServing(3, [port])
    expect(await ask(port)).toBe('ok')
    gateways.writeTable([])
    await gateways.call(sibling, 'POST', '/reload')
    await until('the port is free', async () => (await ask(port)) === 'refused')
  })

  it('invariant 16: a port that something else holds is named, and bound once it is free', async () => {
    const holder = createTcpServer()
    await new Promise<void>((resolve) => holder.listen(port, '127.0.0.1', resolve))
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    const [first] = await gateways.untilServing(2, [])
    if (first === undefined) throw new Error('no process')
    await until('both name it', async () => {
      const statuses = await Promise.all(gateways.living.map((record) => gateways.status(record)))
      return statuses.every((status) => status?.blockedPorts[0]?.reason === 'EADDRINUSE')
    })
    await new Promise((resolve) => holder.close(resolve))
    await gateways.untilServing(2, [port])
    expect(await ask(port)).toBe('ok')
  })

  it('ends a second leader with code 3 while the first serves', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    await gateways.untilServing(2, [port])
    const second = gateways.start()
    await until('its end', () => second.exitCode !== null)
    expect(second.exitCode).toBe(3)
    expect(await ask(port)).toBe('ok')
  })

  it('three processes: a dead leader is replaced and every process but the living orphan is new', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start(3)
    await gateways.untilServing(3, [port])
    const leader = await gateways.leader()
    killProcess(leader, 'SIGKILL')
    await until('its end', () => !gateways.living.some(({ pid }) => pid === leader.pid))
    const next = await gateways.leader()
    await until('three processes of the new leader, and no other', async () => {
      const pids = (await gateways.status(next))?.siblings.map(({ pid }) => pid) ?? []
      const living = gateways.living.map(({ pid }) => pid)
      return pids.length === 3 && living.length === 3 && living.every((pid) => pids.includes(pid))
    })
    await gateways.untilServing(3, [port])
    expect(await ask(port)).toBe('ok')
  })

  it('POST /stop ends all of them, after what is in flight', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    await gateways.untilServing(2, [port])
    const one = await stream('last')
    await gateways.call(await gateways.leader(), 'POST', '/stop', { graceMs: 300 })
    await until('the end of all', () => gateways.living.length === 0)
    await until('the end of the stream', () => one.hasEnded())
    expect(await ask(port)).toBe('refused')
  })
})
