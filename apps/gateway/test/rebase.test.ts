import { existsSync, readdirSync } from 'node:fs'
import type { Server, ServerResponse } from 'node:http'
import { Agent, createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { GatewayStatus, RouteTable } from '@skykeep/core/routes'
import { killProcess } from '@skykeep/persistent-path/process-identity'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, until } from './gateway-processes.ts'

let old: GatewayProcesses
let there: GatewayProcesses
let replica: Server
let streams: ServerResponse[]
let port: number

beforeEach(async () => {
  streams = []
  replica = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/stream') === true) {
      streams.push(response)
      response.write('first')
    } else response.end('hello')
  })
  await new Promise<void>((resolve) => replica.listen(0, '127.0.0.1', resolve))
  port = await freePort()
  old = new GatewayProcesses()
  old.writeTable([service()])
  there = old.copy()
  old.start()
  await old.untilServing(2, [port])
})

afterEach(async () => {
  await Promise.all([old.remove(), there.remove()])
  replica.closeAllConnections()
  await new Promise((resolve) => replica.close(resolve))
})

function service(): RouteTable['services'][number] {
  const { port: replicaPort } = replica.address() as AddressInfo // a TCP server has an AddressInfo
  const one = { replicaUid: 'rep_1', replicaId: 1, version: 1, host: '127.0.0.1', port: replicaPort }
  const route = { serviceUid: 'svc_1', serviceName: 'hello', host: '127.0.0.1', port }
  const replicas = [{ ...one, isDraining: false }]
  return { ...route, policy: 'least_load', streamTimeoutSeconds: 120, replicas }
}

interface Stream {
  readonly received: () => string
  readonly hasEnded: () => boolean
}

/** A stream that goes on; resolves once its first bytes are there. */
function stream(name: string): Promise<Stream> {
  return new Promise((resolve, reject) => {
    let received = ''
    let hasEnded = false
    const outgoing = request({ port, host: '127.0.0.1', path: `/stream/${name}`, agent: false })
    outgoing.on('response', (response) => {
      response.on('error', () => undefined)
      response.on('close', () => (hasEnded = true))
      response.on('data', (part: Buffer) => {
        received += part.toString()
        resolve({ received: () => received, hasEnded: () => hasEnded })
      })
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** One request; on the agent's connection where there is one. @returns the local port that it went out from. */
function ask(agent: Agent | false): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request({ port, host: '127.0.0.1', agent }, (response) => {
      const { localPort = 0 } = response.socket
      response.on('data', () => undefined)
      response.on('end', () => resolve(localPort))
    })
    outgoing.on('error', reject)
    outgoing.end()
  })
}

/** Waits until the journals of `place` hold those streams. */
function untilJournaled(place: GatewayProcesses, names: readonly string[]): Promise<unknown> {
  return until('the journal', async () => {
    const all = await Promise.all(place.living.map((record) => place.call(record, 'GET', '/running')))
    return names.every((name) => JSON.stringify(all).includes(`/stream/${name}`))
  })
}

async function listedAt(place: GatewayProcesses): Promise<string[]> {
  const reports = await place.unfinished()
  return reports.flatMap(({ requests }) => requests.map(({ path }) => path)).toSorted()
}

async function rebase(place: GatewayProcesses, isAskedOfLeader: boolean): Promise<GatewayStatus> {
  const leader = await place.leader()
  const other = place.living.find(({ pid }) => pid !== leader.pid)
  const asked = isAskedOfLeader ? leader : (other ?? leader)
  const answer = await place.call(asked, 'POST', '/rebase', { root: there.root })
  return answer as GatewayStatus // the endpoint's documented answer
}

describe('serving from another persistent path', { timeout: 60_000 }, () => {
  it.each([true, false])(
    'every connection goes on, and what breaks afterwards is listed there (asked of the leader: %s)',
    async (isAskedOfLeader) => {
      const agent = new Agent({ keepAlive: true, maxSockets: 1 })
      const kept = await ask(agent)
      const before = await stream('before')
      await untilJournaled(old, ['before'])
      const pids = old.living.map(({ pid }) => pid).toSorted()
      expect(await rebase(old, isAskedOfLeader)).toMatchObject({ root: there.root })
      await there.untilServing(2, [port])
      expect(there.living.map(({ pid }) => pid).toSorted()).toEqual(pids)
      expect(old.living).toEqual([])
      const statuses = await Promise.all(there.living.map((record) => there.status(record)))
      expect(statuses.map((status) => status?.root)).toEqual([there.root, there.root])
      for (const response of streams) response.write(' more')
      await until('the rest', () => before.received() === 'first more')
      expect(await ask(agent)).toBe(kept)
      expect(readdirSync(old.layout.gatewayJournalsDir)).toEqual([])
      there.writeTable([])
      there.writeTable([service()])
      const [record] = there.living
      if (record === undefined) throw new Error('no process')
      expect(await there.call(record, 'POST', '/reload')).toMatchObject({ appliedVersion: 3 })
      const after = await stream('after')
      await untilJournaled(there, ['before', 'after'])
      there.killAll()
      await until('broken streams', () => before.hasEnded() && after.hasEnded())
      there.start()
      await there.untilServing(2, [port])
      expect(await listedAt(there)).toEqual(['/stream/after', '/stream/before'])
      agent.destroy()
    },
  )

  it('may be repeated, and whoever is replaced afterwards serves from there', async () => {
    await rebase(old, true)
    await there.untilServing(2, [port])
    await rebase(there, false)
    await rebase(there, true)
    for (let round = 0; round < 2; round += 1) {
      const leader = await there.leader()
      killProcess(leader, 'SIGKILL')
      await until('its end', () => !there.living.some(({ pid }) => pid === leader.pid))
      await there.untilServing(2, [port])
    }
    expect(old.living).toEqual([])
    await ask(false)
    expect(old.start().pid).toBeDefined()
    // The ports are held by those over there; nobody there is touched by a start here.
    await until('the one here says so', async () => {
      const [record] = old.living
      const status = record === undefined ? undefined : await old.status(record)
      return status?.blockedPorts[0]?.reason === 'EADDRINUSE'
    })
    expect(there.living).toHaveLength(2)
    await ask(false)
  })

  it('is refused where there is no folder, or where others serve, and then changes nothing', async () => {
    const leader = await old.leader()
    const missing = `${there.root}/none`
    await expect(old.call(leader, 'POST', '/rebase', { root: missing })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    await expect(old.call(leader, 'POST', '/rebase', { root: 'relative' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
    there.writeTable([])
    there.start()
    await there.untilServing(2, [])
    await expect(old.call(leader, 'POST', '/rebase', { root: there.root })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await old.untilServing(2, [port])
    expect(await old.status(leader)).toMatchObject({ root: old.root })
    expect(existsSync(old.layout.gatewayLock)).toBe(true)
    expect(there.living).toHaveLength(2)
    await ask(false)
  })

  it.each([0, 4, 12, 30])(
    'SIGKILL of all, %i ms after it was asked: a start at either path serves, and what broke is listed where its journal is',
    async (waitMs) => {
      const names = ['a', 'b', 'c', 'd']
      const broken = await Promise.all(names.map((name) => stream(name)))
      await untilJournaled(old, names)
      const leader = await old.leader()
      const asked = old.call(leader, 'POST', '/rebase', { root: there.root }).catch(() => undefined)
      const from = performance.now()
      await until('the moment', () => performance.now() - from >= waitMs)
      for (const place of [old, there]) place.killAll()
      await until('their end', () => old.living.length + there.living.length === 0)
      await asked
      await until('broken streams', () => broken.every((one) => one.hasEnded()))
      const listed = new Set<string>()
      for (const place of [there, old]) {
        place.start()
        await place.untilServing(2, [port])
        await ask(false)
        for (const path of await listedAt(place)) listed.add(path)
        place.killAll()
        await until('their end', () => place.living.length === 0)
      }
      expect([...listed].toSorted()).toEqual(names.map((name) => `/stream/${name}`))
    },
  )
})
