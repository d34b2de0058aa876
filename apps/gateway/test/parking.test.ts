import type { Server, ServerResponse } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RouteTable } from '@skykeep/core/routes'
import type { ControlServer } from '@skykeep/persistent-path/control'
import { serveControl } from '@skykeep/persistent-path/control'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, until } from './gateway-processes.ts'

let gateways: GatewayProcesses
let worker: ControlServer
let woken: unknown[]
let replica: Server
let open: ServerResponse[]
let peak: number
let port: number

beforeEach(async () => {
  woken = []
  open = []
  peak = 0
  replica = createServer((_incoming, response) => {
    open.push(response)
    peak = Math.max(peak, open.length)
  })
  await new Promise<void>((resolve) => replica.listen(0, '127.0.0.1', resolve))
  port = await freePort()
  gateways = new GatewayProcesses()
  worker = await serveControl(gateways.layout.socket('worker'), {
    'POST /wake': ({ body }) => woken.push(body),
  })
})

afterEach(async () => {
  await worker.close()
  await gateways.remove()
  replica.closeAllConnections()
  await new Promise((resolve) => replica.close(resolve))
})

function service(hasReplica: boolean, limits: Partial<RouteTable['services'][number]> = {}): number {
  const { port: replicaPort } = replica.address() as AddressInfo // a TCP server has an AddressInfo
  const one = { replicaUid: 'rep_1', replicaId: 1, version: 1, host: '127.0.0.1', port: replicaPort }
  return gateways.writeTable([
    {
      serviceUid: 'svc_1',
      serviceName: 'hello',
      host: '127.0.0.1',
      port,
      policy: 'least_load',
      streamTimeoutSeconds: 120,
      parking: { maxRequests: 100, timeoutSeconds: 60 },
      replicas: hasReplica ? [{ ...one, isDraining: false }] : [],
      ...limits,
    },
  ])
}

/** One request on a connection of its own; resolves to its status, 0 when it broke. */
function ask(path: string): Promise<number> {
  return new Promise((resolve) => {
    const outgoing = request({ port, host: '127.0.0.1', path, agent: false }, (response) => {
      response.on('data', () => undefined)
      response.on('end', () => resolve(response.statusCode ?? 0))
      response.on('error', () => resolve(0))
    })
    outgoing.on('error', () => resolve(0))
    outgoing.end()
  })
}

async function parked(): Promise<number> {
  const statuses = await Promise.all(gateways.living.map((record) => gateways.status(record)))
  return statuses.reduce((sum, status) => sum + (status?.parked?.['svc_1'] ?? 0), 0)
}

async function reload(): Promise<void> {
  await Promise.all(gateways.living.map((record) => gateways.call(record, 'POST', '/reload')))
}

describe('requests that wait, over real processes', { timeout: 60_000 }, () => {
  it('invariant 18: the first wakes the worker at once; a table with a replica lets all of them go', async () => {
    service(false)
    gateways.start()
    await gateways.untilServing(2, [port])
    const answers = Array.from({ length: 12 }, (_, i) => ask(`/${i}`))
    await until('the worker is told', () => woken.length > 0)
    expect(woken[0]).toEqual({ serviceUid: 'svc_1' })
    await until('all wait', async () => (await parked()) === 12)
    // At most one call a process, as all came within a second.
    expect(woken.length).toBeLessThanOrEqual(2)
    service(true)
    await reload()
    const done = Promise.all(answers)
    let isDone = false
    void done.then(() => (isDone = true))
    await until('all are answered', () => {
      for (const response of open.splice(0)) response.end('ok')
      return isDone
    })
    expect(await done).toEqual(Array.from({ length: 12 }, () => 200))
    expect(await parked()).toBe(0)
  })

  it('invariant 18: those that wait when every process dies stand in the list, without a replica', async () => {
    service(false)
    gateways.start()
    await gateways.untilServing(2, [port])
    const answers = ['/a', '/b', '/c'].map((path) => ask(path))
    await until('the journal', async () => {
      const all = await Promise.all(gateways.living.map((record) => gateways.call(record, 'GET', '/running')))
      return all.flat().length === 3
    })
    gateways.killAll()
    expect(await Promise.all(answers)).toEqual([0, 0, 0])
    gateways.start()
    await gateways.untilServing(2, [port])
    const listed = (await gateways.unfinished()).flatMap(({ requests }) => requests)
    expect(listed.map(({ path, replicaUid }) => [path, replicaUid]).toSorted()).toEqual([
      ['/a', null],
      ['/b', null],
      ['/c', null],
    ])
  })

  it('the limit of a replica holds over all processes together', async () => {
    // Room for all of them in one process: the kernel may give it all connections.
    const parking = { maxRequests: 120, timeoutSeconds: 60 }
    service(true, { maxConcurrencyPerReplica: 6, parking })
    gateways.start(3)
    await gateways.untilServing(3, [port])
    await until('each knows the others', async () => {
      const statuses = await Promise.all(gateways.living.map((record) => gateways.status(record)))
      return statuses.every((status) => status?.siblings.length === 3)
    })
    const answers = Array.from({ length: 40 }, (_, i) => ask(`/${i}`))
    let isDone = false
    const done = Promise.all(answers)
    void done.then(() => (isDone = true))
    await until('some wait', async () => (await parked()) > 0)
    await until('all are answered', () => {
      for (const response of open.splice(0)) response.end('ok')
      return isDone
    })
    expect(new Set(await done)).toEqual(new Set([200]))
    expect(peak).toBeLessThanOrEqual(6)
  })
})
