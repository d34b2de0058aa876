import { spawn } from 'node:child_process'
import { mkdtemp, readdir, rm } from 'node:fs/promises'
import { createServer } from 'node:net'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { providerConformance } from '@skykeep/provider-contract/conformance'
import type { Resources } from '@skykeep/provider-contract/provider'
import { LocalProvider } from '@skykeep/provider-local/local-provider'
import type { LocalSettings } from '@skykeep/provider-local/local-provider'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

const clock = { now: () => Date.now(), monotonicMs: () => performance.now() }
const jobEnv = { PATH: process.env['PATH'] ?? '/usr/bin:/bin' }
const installationId = 'ins_local'

async function removeAll(
  provider: LocalProvider,
  root: string,
  installations: readonly string[],
): Promise<void> {
  for (const installation of installations) {
    for (const { nodeId } of await provider.listNodes(installation)) await provider.deleteNode(nodeId)
  }
  await rm(root, { recursive: true, force: true })
}

providerConformance({
  name: 'local',
  capabilities: ['capacity', 'endpoint-proof', 'local-homes', 'shared-host'],
  open: async () => {
    const root = await mkdtemp(join(tmpdir(), 'skykeep-local-'))
    const reopen = () => new LocalProvider({ root, jobEnv, clock, totalCpus: 4, totalMemoryGiB: 8 })
    const provider = reopen()
    return {
      provider,
      reopen,
      untilRunning: () => Promise.resolve(),
      dispose: () => removeAll(provider, root, ['ins_conformance', 'ins_foreign']),
    }
  },
})

describe('this machine as an infra', () => {
  let root = ''
  let provider: LocalProvider
  const opened = (more: Partial<LocalSettings> = {}) =>
    new LocalProvider({ root, jobEnv, clock, totalCpus: 2, totalMemoryGiB: 4, ...more })
  beforeEach(async () => {
    root = await mkdtemp(join(tmpdir(), 'skykeep-local-'))
    provider = opened()
  })
  afterEach(() => removeAll(provider, root, [installationId]))

  async function create(attempt: number, resources: Resources = {}) {
    const claim = { uid: 'rep_1', generation: 1, attempt }
    const [offer] = await provider.listOffers({})
    if (offer === undefined) throw new Error('no offer')
    return provider.createNode({
      token: `rep_1.1.${attempt}`,
      tags: { ...claim, installationId },
      offer,
      resources,
    })
  }

  it('refuses what does not fit with wanted, used and total, and a way out', async () => {
    await create(1, { cpus: 1.5, memoryGiB: 1 })
    await expect(create(2, { cpus: 1, memoryGiB: 4 })).rejects.toMatchObject({
      kind: 'capacity',
      scope: 'infra',
      message: 'local is full: 1 CPUs wanted, 1.5 of 2 in use; 4 GiB of memory wanted, 1 of 4 in use',
      hint: expect.stringContaining('Take a service down'),
    })
    // The node that is there already takes nothing more.
    await create(1, { cpus: 1.5, memoryGiB: 1 })
    await create(3, { cpus: 0.5 })
    expect(await provider.capacity()).toEqual({
      totalCpus: 2,
      usedCpus: 2,
      totalMemoryGiB: 4,
      usedMemoryGiB: 1,
    })
  })

  it('gives the last core to one of two that come at once, and gives it back after a delete', async () => {
    const results = await Promise.allSettled([create(1, { cpus: 2 }), create(2, { cpus: 2 })])
    expect(results.map(({ status }) => status)).toEqual(['fulfilled', 'rejected'])
    for (const { nodeId } of await provider.listNodes(installationId)) await provider.deleteNode(nodeId)
    await create(3, { cpus: 2 })
  })

  it('has room for twenty nodes that name no cpus on two cores', async () => {
    for (let attempt = 1; attempt <= 20; attempt += 1) await create(attempt)
    await expect(create(21)).rejects.toMatchObject({ kind: 'capacity' })
  })

  it('offers nothing that this machine does not have', async () => {
    expect(await provider.listOffers({ cpus: 3 })).toEqual([])
    expect(await provider.listOffers({ region: 'us-east-1' })).toEqual([])
    expect(await provider.listOffers({ isSpot: true })).toEqual([])
    expect(await provider.listOffers({ cpus: 2, memoryGiB: 4, region: 'local' })).toHaveLength(1)
  })

  it('invariant 19: says that the machine was booted again', async () => {
    const { nodeId } = await create(1)
    const afterBoot = opened({ readBootId: () => Promise.resolve('another-boot') })
    expect(await afterBoot.describeNode(nodeId)).toMatchObject({ hasRebooted: true, bootId: 'another-boot' })
    expect(await provider.describeNode(nodeId)).toMatchObject({ hasRebooted: false })
  })

  it('finishes a delete that a crash cut short', async () => {
    const { nodeId } = await create(1)
    // What a kill between the two steps leaves: the folder gone, the record there.
    await rm(provider.homeFolderOf(nodeId), { recursive: true })
    expect(await opened().listNodes(installationId)).toHaveLength(1)
    await opened().deleteNode(nodeId)
    expect(await opened().listNodes(installationId)).toEqual([])
    expect(await readdir(join(root, '.nodes'))).toEqual([])
  })

  it('invariant 9: proves whose process listens on a port', async () => {
    const { nodeId } = await create(1)
    const server = createServer().listen(0, '127.0.0.1')
    await new Promise((resolve) => server.once('listening', resolve))
    // A listening TCP server has an address of this form (Node API, server.address()).
    const { port } = server.address() as AddressInfo
    expect(await provider.proveListener(nodeId, port)).toMatchObject({ kind: 'FOREIGN', pid: null })
    await new Promise((resolve) => server.close(resolve))
    expect(await provider.proveListener(nodeId, port)).toMatchObject({ kind: 'NONE' })

    const runner = await provider.runner(nodeId)
    const { stdout } = await runner.exec(['printenv', 'SKYKEEP_NODE'])
    const mark = Buffer.from(stdout).toString().trim()
    const listen = `require('node:http').createServer().listen(${port}, '127.0.0.1', () => console.log('up'))`
    const child = spawn(process.execPath, ['-e', listen], {
      env: { ...jobEnv, SKYKEEP_NODE: mark },
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await new Promise((resolve) => child.stdout.once('data', resolve))
    expect(await provider.proveListener(nodeId, port)).toMatchObject({ kind: 'OWNED', pid: child.pid })
    const other = await create(2)
    expect(await provider.proveListener(other.nodeId, port)).toMatchObject({ kind: 'FOREIGN' })
    child.kill('SIGKILL')
  })
})
