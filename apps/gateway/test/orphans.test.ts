import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { existsSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { resolve } from 'node:path'
import { identityOf, isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { writeProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, gatewayScript, until } from './gateway-processes.ts'
import { ask, HelloReplica } from './hello-service.ts'

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

/** Starts two processes that serve the port. */
async function twoServing(): Promise<{ leader: ProcessRecord; sibling: ProcessRecord }> {
  gateways.writeTable([replica.serviceOn(port)])
  gateways.start()
  const serving = await gateways.untilServing(2, [port])
  const leader = await gateways.leader()
  const sibling = serving.find(({ pid }) => pid !== leader.pid)
  if (sibling === undefined) throw new Error('no sibling')
  return { leader, sibling }
}

/** A sibling whose leader died before it was given a socket. */
function forkedByTheDead(): ChildProcess {
  return spawn(process.execPath, [gatewayScript], {
    stdio: 'ignore',
    env: {
      ...process.env,
      NODE_NO_WARNINGS: '1',
      SKYKEEP_PERSISTENT_PATH: gateways.root,
      SKYKEEP_GATEWAY_SLOT: '7',
    },
  })
}

describe('gateway processes that a leader left, and what they are known by', { timeout: 60_000 }, () => {
  it('a sibling whose leader died before it was given a socket ends by itself, and leaves its slot to others', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    await gateways.untilServing(2, [port])
    const orphan = forkedByTheDead()
    await until('its end', () => orphan.exitCode !== null)
    expect(orphan.exitCode).toBe(0)
    await gateways.untilServing(2, [port])
    expect(await ask(port)).toBe('ok')
  })

  it('invariant 7: a sibling that was given no socket leaves the lead to one that has the ports, also when that one is slow', async () => {
    const { leader, sibling } = await twoServing()
    forkedByTheDead()
    await until('the one without a socket', () => gateways.living.some(({ name }) => name === 'gateway-7'))
    killProcess(sibling, 'SIGSTOP')
    killProcess(leader, 'SIGKILL')
    // Longer than the one without a socket waits between two tries.
    await new Promise((resolve) => setTimeout(resolve, 900))
    killProcess(sibling, 'SIGCONT')
    expect((await gateways.leader()).pid).toBe(sibling.pid)
    for (let i = 0; i < 100; i += 1) expect(await ask(port)).toBe('ok')
    await gateways.untilServing(2, [port])
  })

  it('one that does not answer when it is to be replaced is told so again', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start(3)
    const serving = await gateways.untilServing(3, [port])
    const leader = await gateways.leader()
    const [first, second] = serving.filter(({ pid }) => pid !== leader.pid)
    if (first === undefined || second === undefined) throw new Error('no siblings')
    killProcess(leader, 'SIGKILL')
    await until('one of them leads', async () => {
      const leads = await Promise.all([first, second].map((each) => gateways.isLeader(each)))
      return leads.includes(true)
    })
    const orphan = (await gateways.isLeader(first)) ? second : first
    const socket = orphan.socket ?? ''
    renameSync(socket, `${socket}.away`)
    await until('it is told', () => gateways.log.includes('retiring a process of the leader before'))
    // Longer than such a call lasts, and not as long as it takes until it is taken for stuck.
    await new Promise((resolve) => setTimeout(resolve, 200))
    // It may have noticed, and have made another.
    if (!existsSync(socket)) renameSync(`${socket}.away`, socket)
    await until('its end', () => !isProcessAlive(orphan))
    expect(gateways.log).toContain(`"pid":${orphan.pid},"graceMs":3600000,"msg":"stopping"`)
    await gateways.untilServing(3, [port])
  })

  it('invariant 6: one that has the lock and stands still with nobody who looks at it is ended by those that wait for the lead', async () => {
    const { leader, sibling } = await twoServing()
    killProcess(sibling, 'SIGSTOP')
    killProcess(leader, 'SIGKILL')
    // As one that was stopped between the lock and its first fork.
    const script = `
      const { LeaderLock } = await import(process.argv[1])
      const { createServer } = await import('node:net')
      await new Promise((done) => createServer().listen(process.argv[3], done))
      const lock = new LeaderLock(process.argv[2])
      while (lock.tryAcquire() !== 'held');
      process.stdout.write('held')
      process.kill(process.pid, 'SIGSTOP')`
    const lockModule = resolve(import.meta.dirname, '../../../packages/gateway/src/leader-lock.ts')
    const name = 'gateway-9'
    const socket = gateways.layout.socket(name)
    const holder = spawn(process.execPath, [
      '--input-type=module',
      '-e',
      script,
      lockModule,
      gateways.layout.gatewayLock,
      socket,
    ])
    await new Promise((held) => holder.stdout.once('data', held))
    const identity = await until('its identity', () => identityOf(holder.pid ?? 0))
    writeProcessRecord(gateways.layout, { ...leader, ...identity, name, socket })
    killProcess(sibling, 'SIGCONT')
    expect((await gateways.leader()).pid).toBe(sibling.pid)
    expect(isProcessAlive(identity)).toBe(false)
    await gateways.untilServing(2, [port])
    expect(await ask(port)).toBe('ok')
  })

  it('invariant 7: records that cannot be read end no process', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    const serving = await gateways.untilServing(2, [port])
    const { processesDir } = gateways.layout
    renameSync(processesDir, `${processesDir}.away`)
    writeFileSync(processesDir, 'no folder')
    // Longer than a leader waits between two looks.
    await new Promise((resolved) => setTimeout(resolved, 6000))
    expect(serving.map((each) => isProcessAlive(each))).toEqual([true, true])
    expect(await ask(port)).toBe('ok')
    rmSync(processesDir)
    renameSync(`${processesDir}.away`, processesDir)
    await gateways.untilServing(2, [port])
  })

  it('a control socket that was removed is there again', async () => {
    gateways.writeTable([replica.serviceOn(port)])
    gateways.start()
    const [first] = await gateways.untilServing(2, [port])
    if (first === undefined) throw new Error('none')
    rmSync(first.socket ?? '')
    await until('an answer', () => gateways.status(first))
    expect(isProcessAlive(first)).toBe(true)
  })

  it('a process on record under the slot of the leader is not told to end on its control socket, which is the leader’s own', async () => {
    const { leader, sibling } = await twoServing()
    const orphan = spawn('sleep', ['60'], { stdio: 'ignore' })
    const identity = await until('its identity', () => identityOf(orphan.pid ?? 0))
    // As one has it whose leader died while it was forked: each says again and again that the name is its own.
    const claim = setInterval(() => writeProcessRecord(gateways.layout, { ...leader, ...identity }), 20)
    killProcess(sibling, 'SIGKILL')
    await until('another sibling that serves', async () => {
      const found = gateways.living.find(({ name }) => name === sibling.name)
      return found !== undefined && (await gateways.status(found))?.boundPorts.includes(port)
    })
    clearInterval(claim)
    orphan.kill('SIGKILL')
    for (let i = 0; i < 20; i += 1) expect(await ask(port)).toBe('ok')
    expect(isProcessAlive(leader)).toBe(true)
    expect((await gateways.status(leader))?.boundPorts).toEqual([port])
  })
})
