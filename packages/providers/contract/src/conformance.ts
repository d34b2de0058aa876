import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, afterEach, beforeEach, describe, expect, it } from 'vitest'
import { capabilitiesOf } from './capabilities.ts'
import type { Capability } from './capabilities.ts'
import type { NodeDescription, NodeRequest, Provider } from './provider.ts'
import { tokenOf } from './provider.ts'
import type { Runner } from './runner.ts'

/** One infra under test: a fresh, empty one for each test. */
export interface ConformanceSubject {
  readonly provider: Provider
  /** Another object on the same infra: what a worker builds after a crash. */
  reopen(): Provider
  /** Lets time pass until the node runs. */
  untilRunning(nodeId: string): Promise<void>
  dispose(): Promise<void>
}

export interface Conformance {
  readonly name: string
  readonly open: () => Promise<ConformanceSubject>
  readonly capabilities: readonly Capability[]
}

const installationId = 'ins_conformance'
let subject: ConformanceSubject

/** The suite that every provider passes: what the controllers rely on, and no more. */
export function providerConformance(conformance: Conformance): void {
  describe(`provider conformance: ${conformance.name}`, () => {
    beforeEach(async () => {
      subject = await conformance.open()
    })
    afterEach(async () => {
      await subject.dispose()
    })
    it('has the capabilities that its documentation shows', () => {
      expect(capabilitiesOf(subject.provider).toSorted()).toEqual(conformance.capabilities.toSorted())
    })
    creating()
    finding()
    deleting()
    running()
    copying()
  })
}

function creating(): void {
  it('invariant 1: creates one node for one token, also at once and from another process', async () => {
    const request = await requestFor(1)
    const nodes = await Promise.all([
      ...Array.from({ length: 5 }, () => subject.provider.createNode(request)),
      subject.reopen().createNode(request),
    ])
    const again = await subject.reopen().createNode(request)
    expect(new Set([...nodes, again].map(({ nodeId }) => nodeId)).size).toBe(1)
    expect(await subject.provider.listNodes(installationId)).toHaveLength(1)
  })

  it('keeps token, tags and offer as they were given', async () => {
    const request = await requestFor(7)
    const { nodeId } = await subject.provider.createNode(request)
    const described = await subject.reopen().describeNode(nodeId)
    expect(described).toMatchObject({
      nodeId,
      token: request.token,
      tags: request.tags,
      offer: request.offer,
    })
    expect(['BOOTING', 'RUNNING']).toContain(described.state)
    expect(described.hasRebooted).toBe(false)
  })

  it('gives each attempt a node of its own', async () => {
    const [first, second] = [await createdNode(1), await createdNode(2)]
    expect(first.nodeId).not.toBe(second.nodeId)
    await subject.provider.deleteNode(first.nodeId)
    expect(await subject.provider.describeNode(second.nodeId)).toMatchObject({ tags: { attempt: 2 } })
  })
}

function finding(): void {
  it('lists exactly what describe knows, and nothing of another installation', async () => {
    const mine = await createdNode(1)
    await createdNode(2, 'ins_foreign')
    const listed = await subject.reopen().listNodes(installationId)
    expect(listed.map(({ nodeId }) => nodeId)).toEqual([mine.nodeId])
    expect(listed[0]).toEqual(await subject.provider.describeNode(mine.nodeId))
    expect(await subject.provider.listNodes('ins_nobody')).toEqual([])
  })

  it.each(['n-00000000000000000000', '../..', ''])(
    'says not-found of the node %j that never was',
    async (nodeId) => {
      await expect(subject.provider.describeNode(nodeId)).rejects.toMatchObject({
        kind: 'not-found',
        isRetryable: false,
      })
      await expect(subject.provider.runner(nodeId)).rejects.toMatchObject({ kind: 'not-found' })
      await expect(subject.provider.deleteNode(nodeId)).resolves.toBeUndefined()
    },
  )
}

function deleting(): void {
  it('deletes a node for good, and deleting it again is a success', async () => {
    const { nodeId } = await runningNode(1)
    const runner = await subject.provider.runner(nodeId)
    await subject.provider.deleteNode(nodeId)
    await subject.reopen().deleteNode(nodeId)
    await expect(subject.provider.describeNode(nodeId)).rejects.toMatchObject({ kind: 'not-found' })
    expect(await subject.provider.listNodes(installationId)).toEqual([])
    await expect(runner.exec(['true'])).rejects.toMatchObject({ kind: 'not-found' })
  })

  it('ends what runs on a node with the node, sessions of their own included', async () => {
    const { nodeId } = await runningNode(1)
    const bystander = await runningNode(2)
    const script =
      'setsid sh -c "echo \\$\\$ > pid; exec sleep 619" </dev/null >/dev/null 2>&1 & while [ ! -s pid ]; do sleep 0.02; done; cat pid'
    const pids: string[] = []
    for (const id of [nodeId, bystander.nodeId]) {
      const runner = await subject.provider.runner(id)
      pids.push(text((await runner.exec(['sh', '-c', script])).stdout).trim())
    }
    await subject.provider.deleteNode(nodeId)
    const runner = await subject.provider.runner(bystander.nodeId)
    // A zombie that its parent has not collected yet is not alive.
    const alive = async (pid: string | undefined) =>
      (await runner.exec(['grep', '-qs', '^State:[[:space:]]*[RSDTtI]', `/proc/${pid ?? ''}/status`]))
        .exitCode === 0
    expect([await alive(pids[0]), await alive(pids[1])]).toEqual([false, true])
  })
}

function running(): void {
  it('runs commands: exit codes, both outputs, input, environment, HOME as the folder', async () => {
    const runner = await runnerOf(1)
    const script = 'cat; echo "$GREETING" >&2; test "$PWD" = "$HOME" && exit 3'
    const result = await runner.exec(['sh', '-c', script], {
      stdin: 'from stdin',
      env: { GREETING: 'hello' },
    })
    expect([result.exitCode, text(result.stdout), text(result.stderr)]).toEqual([3, 'from stdin', 'hello\n'])
    expect(text((await runner.exec(['pwd'])).stdout).trim()).toBe(runner.home)
    expect((await runner.exec(['sh', '-c', 'kill -KILL $$'])).exitCode).toBe(137)
    expect((await runner.exec(['no-such-command-anywhere'])).exitCode).toBe(127)
  })

  it('keeps arguments as they are', async () => {
    const runner = await runnerOf(1)
    const args = ['a b', '$HOME', "it's", '*', '', 'x\ny', '--']
    const { stdout } = await runner.exec(['printf', '[%s]', ...args])
    expect(text(stdout)).toBe(args.map((arg) => `[${arg}]`).join(''))
  })

  it('ends a command that takes too long, with what it started, as transient', async () => {
    const runner = await runnerOf(1)
    const started = performance.now()
    await expect(
      runner.exec(['sh', '-c', 'echo $$ > pid; sleep 618 & wait'], { timeoutMs: 300 }),
    ).rejects.toMatchObject({ kind: 'transient' })
    expect(performance.now() - started).toBeLessThan(5_000)
    expect((await runner.exec(['sh', '-c', 'kill -0 -- -$(cat pid)'])).exitCode).not.toBe(0)
  })

  it('bounds what it keeps of an output, and says so', async () => {
    const runner = await runnerOf(1)
    const result = await runner.exec(['sh', '-c', 'head -c 3000000 /dev/zero'], { outputLimitBytes: 1000 })
    expect([result.stdout.length, result.isTruncated, result.exitCode]).toEqual([1000, true, 0])
    expect((await runner.exec(['true'])).isTruncated).toBe(false)
  })

  it('shows a command nothing of this process: neither variables nor secrets', async () => {
    process.env['SKYKEEP_CONFORMANCE_SECRET'] = 'secret'
    const runner = await runnerOf(1)
    const { stdout } = await runner.exec(['env'])
    delete process.env['SKYKEEP_CONFORMANCE_SECRET']
    expect(text(stdout)).not.toContain('secret')
    expect(text(stdout)).toContain(`HOME=${runner.home}`)
  })

  it('keeps two nodes apart', async () => {
    const [first, second] = [await runnerOf(1), await runnerOf(2)]
    await first.exec(['sh', '-c', 'echo mine > ~/file'])
    expect((await second.exec(['sh', '-c', 'test -e ~/file'])).exitCode).toBe(1)
  })
}

function copying(): void {
  let source = ''
  afterAll(() => rm(source, { recursive: true, force: true }))

  it('copies a tree: modes, links, empty folders; a second copy changes nothing', async () => {
    source = await mkdtemp(join(tmpdir(), 'skykeep-tree-'))
    await mkdir(join(source, 'empty'))
    await mkdir(join(source, 'sub'))
    await writeFile(join(source, 'sub', 'run.sh'), '#!/bin/sh\necho from the tree\n', { mode: 0o555 })
    const runner = await runnerOf(1)
    await Promise.all([runner.putTree(source, 'deep/tree'), runner.putTree(source, 'deep/tree')])
    await runner.exec(['sh', '-c', 'echo changed > deep/tree/sub/new'])
    await runner.putTree(source, 'deep/tree')
    const { stdout } = await runner.exec([
      'sh',
      '-c',
      './deep/tree/sub/run.sh; cat deep/tree/sub/new; ls deep deep/tree',
    ])
    expect(text(stdout)).toBe('from the tree\nchanged\ndeep:\ntree\n\ndeep/tree:\nempty\nsub\n')
    await expect(runner.putTree(join(source, 'nowhere'), 'other')).rejects.toMatchObject({
      kind: 'not-found',
    })
  })

  it('reads ranges of a file', async () => {
    const runner = await runnerOf(1)
    await runner.exec(['sh', '-c', 'printf 0123456789 > file'])
    expect(text(await runner.getFileRange('file', { offset: 2, length: 3 }))).toBe('234')
    expect(text(await runner.getFileRange(`${runner.home}/file`, { offset: 8, length: 100 }))).toBe('89')
    expect(await runner.getFileRange('file', { offset: 50, length: 1 })).toHaveLength(0)
    await expect(runner.getFileRange('nowhere', { offset: 0, length: 1 })).rejects.toMatchObject({
      kind: 'not-found',
    })
  })
}

async function requestFor(attempt: number, installation = installationId): Promise<NodeRequest> {
  const claim = { uid: 'rep_conformance', generation: 1, attempt }
  const [offer] = await subject.provider.listOffers({})
  if (offer === undefined) throw new Error('the provider offers nothing')
  return { token: tokenOf(claim), tags: { ...claim, installationId: installation }, offer, resources: {} }
}

async function createdNode(attempt: number, installation?: string): Promise<NodeDescription> {
  return subject.provider.createNode(await requestFor(attempt, installation))
}

async function runningNode(attempt: number): Promise<NodeDescription> {
  const { nodeId } = await createdNode(attempt)
  await subject.untilRunning(nodeId)
  const described = await subject.provider.describeNode(nodeId)
  expect(described).toMatchObject({ state: 'RUNNING', host: expect.any(String) })
  return described
}

async function runnerOf(attempt: number): Promise<Runner> {
  return subject.provider.runner((await runningNode(attempt)).nodeId)
}

function text(bytes: Uint8Array): string {
  return Buffer.from(bytes).toString('utf8')
}
