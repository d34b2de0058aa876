import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { JobDescription } from '@skykeep/node-runtime/job'
import { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { Runner } from '@skykeep/provider-contract/runner'
import type { LocalProvider } from '@skykeep/provider-local/local-provider'
import { onTestFinished } from 'vitest'
import { openProvider, scriptsDir } from './job-request.ts'

export interface LocalNode {
  readonly root: string
  readonly nodeId: string
  readonly provider: LocalProvider
  readonly runner: Runner
  readonly runtime: NodeRuntime
}

/** A fresh local node; the end of the test kills what runs there and removes the folder. */
export async function localNode(): Promise<LocalNode> {
  const root = await mkdtemp(join(tmpdir(), 'skykeep-node-'))
  const provider = openProvider(root)
  const claim = { uid: 'rep_1', generation: 1, attempt: 1 }
  const [offer] = await provider.listOffers({})
  if (offer === undefined) throw new Error('local offers nothing')
  const tags = { ...claim, installationId: `ins_${root}` }
  const { nodeId } = await provider.createNode({ token: 'rep_1.1.1', tags, offer, resources: {} })
  onTestFinished(async () => {
    await provider.deleteNode(nodeId)
    await rm(root, { recursive: true, force: true })
  })
  return {
    root,
    nodeId,
    provider,
    runner: await provider.runner(nodeId),
    runtime: new NodeRuntime({ scriptsDir }),
  }
}

/** Asks until the answer is there; throws after `withinMs`. */
export async function eventually<T>(
  ask: () => Promise<T | null | undefined | false>,
  withinMs = 20_000,
): Promise<T> {
  const deadline = performance.now() + withinMs
  for (;;) {
    const answer = await ask()
    if (answer !== null && answer !== undefined && answer !== false) return answer
    if (performance.now() > deadline)
      throw new Error(`it did not happen within ${withinMs} ms: ${ask.toString()}`)
    await new Promise((resolve) => setTimeout(resolve, 30))
  }
}

export async function ended(node: LocalNode, jobId: string): Promise<JobDescription> {
  return eventually(async () => {
    const job = await node.runtime.describeJob(node.runner, jobId)
    return job !== null && job.exitCode !== null && !job.isAlive && job
  })
}

/** What is in the log now, as text. */
export async function logSoFar(node: LocalNode, jobId: string): Promise<string> {
  let text = ''
  for (let offset = 0; ;) {
    const chunk = await node.runtime.readLog(node.runner, jobId, { offset, limitBytes: 1024 * 1024 })
    if (chunk.bytes.length === 0) return text
    text += Buffer.from(chunk.bytes).toString('utf8')
    offset = chunk.nextOffset
  }
}

/** The whole log as text, once it has ended. */
export async function wholeLog(node: LocalNode, jobId: string): Promise<string> {
  let offset = 0
  let text = ''
  return eventually(async () => {
    const chunk = await node.runtime.readLog(node.runner, jobId, { offset, limitBytes: 1024 * 1024 })
    text += Buffer.from(chunk.bytes).toString('utf8')
    offset = chunk.nextOffset
    return chunk.isEnded && { text }
  }).then((whole) => whole.text)
}

/** Stops a job as a controller does: one step after the other. */
export async function stopped(node: LocalNode, jobId: string, graceMs: number): Promise<void> {
  await eventually(async () => (await node.runtime.stopJob(node.runner, jobId, graceMs)).isGone)
}
