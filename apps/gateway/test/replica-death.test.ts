import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { request } from 'node:http'
import type { RouteTable } from '@skykeep/core/routes'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, until } from './gateway-processes.ts'

/** A replica: answers after a moment, so that there is always something in flight. */
const replicaScript = `
import { createServer } from 'node:http'
const server = createServer((incoming, response) => {
  incoming.resume()
  setTimeout(() => response.end('hello'), 5)
})
server.listen(0, '127.0.0.1', () => console.log(server.address().port))
`

const gateways = new GatewayProcesses()
const replicas: ChildProcess[] = []

afterEach(async () => {
  for (const replica of replicas) replica.kill('SIGKILL')
  await gateways.remove()
})

interface Replica {
  readonly child: ChildProcess
  readonly port: number
}

async function startReplica(): Promise<Replica> {
  const child = spawn(process.execPath, ['--input-type=module', '-e', replicaScript], {
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  replicas.push(child)
  const [line] = await once(child.stdout, 'data')
  return { child, port: Number(String(line)) }
}

function table(port: number, ports: readonly number[]): RouteTable['services'] {
  const found = ports.map((at) => {
    return {
      replicaUid: `at${at}`,
      replicaId: at,
      version: 1,
      host: '127.0.0.1',
      port: at,
      isDraining: false,
    }
  })
  const route = { serviceUid: 'svc_1', serviceName: 'hello', host: '127.0.0.1', port }
  return [{ ...route, policy: 'least_load', streamTimeoutSeconds: 120, replicas: found }]
}

/** One request; the status, or 0 when the connection broke. */
function ask(port: number, method: string, path: string): Promise<number> {
  return new Promise((resolved) => {
    const outgoing = request({ port, host: '127.0.0.1', method, path, agent: false }, (response) => {
      response.resume()
      response.on('error', () => resolved(0))
      response.on('end', () => resolved(response.statusCode ?? 0))
    })
    outgoing.on('error', () => resolved(0))
    outgoing.end(method === 'POST' ? 'x' : undefined)
  })
}

describe('invariant 8', { timeout: 60_000 }, () => {
  it('SIGKILL of replicas under load: no GET fails, and each POST that does is listed, once', async () => {
    const port = await freePort()
    let alive: readonly Replica[] = await Promise.all([startReplica(), startReplica(), startReplica()])
    gateways.writeTable(
      table(
        port,
        alive.map((replica) => replica.port),
      ),
    )
    gateways.start()
    await gateways.untilServing(2, [port])
    const state = { isStopping: false, count: 0 }
    const failed: string[] = []
    const clients = Array.from({ length: 20 }, async (_, client) => {
      for (let i = 0; !state.isStopping; i += 1) {
        const method = (client + i) % 2 === 0 ? 'GET' : 'POST'
        const path = `/${method}/${client}/${i}`
        const status = await ask(port, method, path)
        state.count += 1
        if (status !== 200) failed.push(`${status} ${path}`)
      }
    })
    for (let round = 0; round < 3; round += 1) {
      const before = state.count
      await until('traffic', () => state.count > before + 200)
      alive[0]?.child.kill('SIGKILL')
      const died = state.count
      await until('traffic on the others', () => state.count > died + 200)
      alive = [...alive.slice(1), await startReplica()]
      gateways.writeTable(
        table(
          port,
          alive.map((replica) => replica.port),
        ),
      )
      for (const record of gateways.living) await gateways.call(record, 'POST', '/reload')
    }
    state.isStopping = true
    await Promise.all(clients)
    const listed = (await gateways.unfinished()).flatMap(({ requests }) =>
      requests.map(({ path }) => `502 ${path}`),
    )
    expect(failed.filter((one) => one.includes('GET'))).toEqual([])
    expect(failed.length).toBeGreaterThan(0)
    expect(listed.toSorted()).toEqual(failed.toSorted())
  })
})
