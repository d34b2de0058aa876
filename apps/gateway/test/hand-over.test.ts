import { Agent, request } from 'node:http'
import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import { killProcess } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, gatewayScript, GatewayProcesses, until } from './gateway-processes.ts'
import { HelloReplica } from './hello-service.ts'

let gateways: GatewayProcesses
let replica: HelloReplica
let port: number
let clients: Clients

beforeEach(async () => {
  replica = new HelloReplica()
  await replica.start()
  port = await freePort()
  gateways = new GatewayProcesses()
  gateways.writeTable([serviceOn(port)])
  gateways.start()
  await gateways.untilServing(2, [port])
  clients = new Clients(port)
})

afterEach(async () => {
  clients.end()
  await gateways.remove()
  await replica.stop()
})

function serviceOn(at: number): ReturnType<HelloReplica['serviceOn']> {
  return replica.serviceOn(at, `svc_${at}`)
}

/** Requests on kept connections, most of which wait for their next one at any time; every failure is remembered. */
class Clients {
  readonly failures: string[] = []
  replies = 0
  private readonly port: number
  private readonly agent = new Agent({ keepAlive: true, scheduling: 'fifo' })
  private readonly timer = setInterval(() => this.send('/', this.agent), 5)
  private readonly leave: (() => void)[] = []

  constructor(at: number) {
    this.port = at
  }

  /** POST: what HTTP lets nobody repeat. */
  private send(path: string, agent: Agent | false, onData: () => void = () => undefined): void {
    const outgoing = request({ port: this.port, path, method: 'POST', agent }, (response) => {
      response.on('data', onData)
      response.on('error', (error) => this.failures.push(error.message))
      response.on('end', () => (this.replies += 1))
    })
    outgoing.on('error', (error) => this.failures.push(error.message))
    outgoing.end('payload')
    if (agent === false) this.leave.push(() => outgoing.destroy())
  }

  /** Streams that go on until the clients leave; resolves once each has its first bytes. */
  async openStreams(count: number): Promise<void> {
    let open = 0
    for (let i = 0; i < count; i += 1) this.send('/stream', false, () => (open += 1))
    await until('the streams', () => open === count)
  }

  leaveStreams(): void {
    for (const leave of this.leave.splice(0)) leave()
  }

  async more(count: number): Promise<void> {
    const before = this.replies
    await until(`${count} more replies`, () => this.replies > before + count)
  }

  end(): void {
    clearInterval(this.timer)
    this.leaveStreams()
    this.agent.destroy()
  }
}

const program = (script = gatewayScript): unknown => ({
  command: [process.execPath, '--max-semi-space-size=4', script],
  environment: {
    NODE_NO_WARNINGS: '1',
    SKYKEEP_PERSISTENT_PATH: gateways.root,
    SKYKEEP_GATEWAY_PROCESSES: '2',
    SKYKEEP_BUILD: 'next',
  },
})

const ofBuild = (wanted: string): readonly ProcessRecord[] =>
  gateways.living.filter(({ build }) => build === wanted)

const handOver = async (to = program()): Promise<void> => {
  expect(await gateways.call(await gateways.leader(), 'POST', '/hand-over', to)).toEqual({
    isHandingOver: true,
  })
}

describe('invariant 7: a gateway hands over to one of another build', { timeout: 120_000 }, () => {
  it('no request fails, no stream breaks; what is replaced ends after its last stream', async () => {
    await clients.openStreams(12)
    await clients.more(100)
    const old = ofBuild('source').map(({ pid }) => pid)
    await handOver()
    await until(
      () => `two of the other build that serve\n${gateways.log}`,
      async () => {
        const statuses = await Promise.all(ofBuild('next').map((each) => gateways.status(each)))
        return statuses.length === 2 && statuses.every((status) => status?.boundPorts.includes(port))
      },
      60_000,
    )
    expect((await gateways.leader()).build).toBe('next')
    await until('the replaced ones let the port go', async () => {
      const statuses = await Promise.all(ofBuild('source').map((each) => gateways.status(each)))
      return statuses.every((status) => status?.boundPorts.length === 0)
    })
    await clients.more(300)
    // Which of them carry the streams is the kernel's choice.
    const carrying = ofBuild('source').map(({ pid }) => pid)
    expect(carrying).not.toEqual([])
    expect(old).toEqual(expect.arrayContaining(carrying))
    const healths = await Promise.all(ofBuild('source').map((each) => gateways.call(each, 'GET', '/health')))
    for (const drain of healths.map(gatewayDrainOf)) {
      expect(drain?.connections).toBeGreaterThan(0)
      expect(drain?.endsInMs).toBeGreaterThan(0)
      expect(drain?.endsInMs).toBeLessThanOrEqual(3_600_000)
    }
    expect(gatewayDrainOf(await gateways.call(await gateways.leader(), 'GET', '/health'))).toBeNull()
    expect(clients.failures).toEqual([])
    clients.leaveStreams()
    await until('the replaced ones end', () => ofBuild('source').length === 0)
    await clients.more(100)
    expect(clients.failures.filter((reason) => reason !== 'socket hang up' && reason !== 'aborted')).toEqual(
      [],
    )
    const other = await freePort()
    gateways.writeTable([serviceOn(port), serviceOn(other)])
    await gateways.untilServing(2, [port, other])
  })

  it('where only processes that drain are left, a new leader serves beside them, in another slot', async () => {
    await clients.openStreams(12)
    await handOver()
    await until('the replaced ones drain, the others serve', async () => {
      const next = await Promise.all(ofBuild('next').map((each) => gateways.status(each)))
      const old = await Promise.all(ofBuild('source').map((each) => gateways.status(each)))
      return (
        next.filter((status) => status?.boundPorts.includes(port)).length === 2 &&
        old.every((status) => status?.boundPorts.length === 0)
      )
    })
    const draining = ofBuild('source').map(({ name, pid }) => ({ name, pid }))
    expect(draining).not.toEqual([])
    for (const record of ofBuild('next')) killProcess(record, 'SIGKILL')
    await until('the others are gone', () => ofBuild('next').length === 0)
    gateways.start()
    const isOld = ({ pid }: ProcessRecord): boolean => draining.some((old) => old.pid === pid)
    await until(
      () => `two new ones that serve\n${gateways.log}`,
      async () => {
        const fresh = gateways.living.filter((each) => !isOld(each))
        const statuses = await Promise.all(fresh.map((each) => gateways.status(each)))
        return statuses.filter((status) => status?.boundPorts.includes(port)).length === 2
      },
    )
    expect(gateways.living.filter(isOld)).toMatchObject(draining)
    await clients.more(100)
  })

  it('invariant 6: SIGSTOP of a process that drains: it is ended, and its clients learn it', async () => {
    await clients.openStreams(12)
    await handOver()
    await until('the replaced ones drain', async () => {
      const healths = await Promise.all(
        ofBuild('source').map((each) => gateways.call(each, 'GET', '/health').catch(() => null)),
      )
      return healths.length > 0 && healths.every((health) => gatewayDrainOf(health) !== null)
    })
    const draining = ofBuild('source')
    expect(draining).not.toEqual([])
    for (const record of draining) killProcess(record, 'SIGSTOP')
    await until('their end', () => ofBuild('source').length === 0)
    await until('the end of the streams', () => clients.failures.length >= 12)
    await clients.more(100)
  })

  it('a program that does not start changes nothing: the same processes go on, and bind new ports', async () => {
    const before = gateways.living.map(({ pid }) => pid)
    await handOver(program('/does/not/exist.mjs'))
    await until('it is given up', () => gateways.log.includes('the other build did not come to lead'))
    const other = await freePort()
    gateways.writeTable([serviceOn(port), serviceOn(other)])
    await gateways.untilServing(2, [port, other])
    expect(gateways.living.map(({ pid }) => pid)).toEqual(before)
    await clients.more(50)
    expect(clients.failures).toEqual([])
  })

  it('a successor that does not serve every port is told to end, not killed, and the same processes go on', async () => {
    const before = gateways.living.map(({ pid }) => pid)
    // Another path has no such port.
    const elsewhere = new GatewayProcesses()
    try {
      elsewhere.writeTable([])
      const { command } = program() as { command: readonly string[] } // made above
      const environment = { NODE_NO_WARNINGS: '1', SKYKEEP_PERSISTENT_PATH: elsewhere.root }
      await handOver({ command, environment })
      const said = `"missing":[${port}],"msg":"the other build does not serve every port: it is to end"`
      await until('it is told', () => gateways.log.includes(said))
      await until('its end', () =>
        gateways.log.includes('the other build did not come to lead: goes on here'),
      )
      expect(gateways.log).toContain('"reason":"code 0","msg":"a sibling is gone"')
      expect(gateways.living.map(({ pid }) => pid)).toEqual(before)
      expect(clients.failures).toEqual([])
    } finally {
      await elsewhere.remove()
    }
  })

  it('SIGKILL of the successor once the lead is its own: somebody leads, and no connection is refused', async () => {
    await handOver()
    await until('the lead is given away', () => gateways.log.includes('gives the lead to another build'))
    for (const record of ofBuild('next')) killProcess(record, 'SIGKILL')
    await clients.more(100)
    const other = await freePort()
    gateways.writeTable([serviceOn(port), serviceOn(other)])
    await until('the new port is served', async () => {
      const statuses = await Promise.all(gateways.living.map((each) => gateways.status(each)))
      return statuses.filter((status) => status?.boundPorts.includes(other)).length === 2
    })
    expect(clients.failures.filter((reason) => reason.includes('ECONNREFUSED'))).toEqual([])
  })

  it('asked of one that does not lead, or with what is no program: refused by name', async () => {
    const leader = await gateways.leader()
    const other = gateways.living.find(({ pid }) => pid !== leader.pid)
    if (other === undefined) throw new Error('no sibling')
    await expect(gateways.call(other, 'POST', '/hand-over', program())).rejects.toThrow('does not lead')
    await expect(gateways.call(leader, 'POST', '/hand-over', { command: 'node' })).rejects.toThrow('command')
  })
})
