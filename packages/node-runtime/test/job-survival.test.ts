import { spawn } from 'node:child_process'
import { readdir, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { jobIdOf } from '@skykeep/node-runtime/job'
import { describe, expect, it } from 'vitest'
import type { LocalNode } from './local-node.ts'
import { jobRequest, path } from './job-request.ts'
import { ended, eventually, localNode, logSoFar, stopped, wholeLog } from './local-node.ts'

const claim = { uid: 'rep_1', generation: 1, attempt: 1 }
const jobId = jobIdOf(claim)
const tick = 'i=0; while :; do i=$((i+1)); echo "tick $i"; sleep 0.05; done'

/** Processes of this machine that have the text in their command line, this test's own apart. */
async function processesWith(text: string): Promise<readonly number[]> {
  const found: number[] = []
  for (const name of await readdir('/proc')) {
    if (!/^\d+$/.test(name) || Number(name) === process.pid) continue
    const line = await readFile(`/proc/${name}/cmdline`, 'utf8').catch(() => '')
    if (line.includes(text)) found.push(Number(name))
  }
  return found
}

async function fileOf(node: LocalNode, name: string): Promise<string> {
  return readFile(join(node.runner.home, '.skykeep', 'jobs', jobId, name), 'utf8')
}

/** A process of its own that starts the job and then hangs, as a worker that is about to be killed. */
async function startInOtherProcess(node: LocalNode, run: string) {
  const program = `
    import { openProvider, jobRequest, scriptsDir } from ${JSON.stringify(new URL('job-request.ts', import.meta.url).href)}
    import { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
    const runner = await openProvider(${JSON.stringify(node.root)}).runner(${JSON.stringify(node.nodeId)})
    const job = await new NodeRuntime({ scriptsDir }).startJob(runner, jobRequest(${JSON.stringify(run)}))
    console.log(JSON.stringify(job))
    setInterval(() => undefined, 1000)`
  const child = spawn(process.execPath, ['--input-type=module', '-e', program], {
    stdio: ['ignore', 'pipe', 'inherit'],
    cwd: new URL('..', import.meta.url).pathname,
    env: { PATH: path },
  })
  const line = await new Promise<string>((resolve) =>
    child.stdout.once('data', (data: Buffer) => resolve(String(data))),
  )
  return { child, job: JSON.parse(line) as { pid: number; pidStartTime: number } }
}

describe('invariant 1: one claim runs once', () => {
  it('starts one process for twenty starts at once, and returns the same job to all', async () => {
    const node = await localNode()
    const request = jobRequest('echo started >> ~/starts; exec sleep 600.25')
    const jobs = await Promise.all(
      Array.from({ length: 20 }, () => node.runtime.startJob(node.runner, request)),
    )
    expect(new Set(jobs.map(({ pid }) => pid)).size).toBe(1)
    await eventually(async () => (await processesWith('sleep\x00600.25')).length === 1)
    expect(await readFile(join(node.runner.home, 'starts'), 'utf8')).toBe('started\n')
    await stopped(node, jobId, 0)
    expect(await node.runtime.startJob(node.runner, request)).toMatchObject({
      status: 'STOPPED',
      pid: jobs[0]?.pid,
    })
    expect(await readFile(join(node.runner.home, 'starts'), 'utf8')).toBe('started\n')
  })

  it('runs two attempts as two jobs', async () => {
    const node = await localNode()
    const first = await node.runtime.startJob(node.runner, jobRequest('sleep 600'))
    const second = await node.runtime.startJob(
      node.runner,
      jobRequest('sleep 600', { claim: { ...claim, attempt: 10 } }),
    )
    expect(second.jobId).not.toBe(first.jobId)
    expect((await node.runtime.listJobs(node.runner)).map((job) => job.jobId).toSorted()).toEqual([
      first.jobId,
      second.jobId,
    ])
    await stopped(node, first.jobId, 0)
    expect(await node.runtime.describeJob(node.runner, second.jobId)).toMatchObject({
      status: 'RUNNING',
      isAlive: true,
    })
  })
})

describe('invariant 2: workloads outlive the worker, its child processes do not', () => {
  it('keeps job, pid and log offsets when the starter is killed', async () => {
    const node = await localNode()
    const { child, job } = await startInOtherProcess(node, tick)
    child.kill('SIGKILL')
    await new Promise((resolve) => child.once('exit', resolve))
    const before = await eventually(async () => {
      const text = await logSoFar(node, jobId)
      return text.includes('tick 3\n') && text
    })
    const after = await eventually(async () => {
      const text = await logSoFar(node, jobId)
      return text.length > before.length + 20 && text
    })
    expect(after.startsWith(before)).toBe(true)
    expect(await node.runtime.describeJob(node.runner, jobId)).toMatchObject({
      pid: job.pid,
      pidStartTime: job.pidStartTime,
      isAlive: true,
    })
  })

  it('ends a command that the killed worker was waiting for', async () => {
    const node = await localNode()
    const program = `
      import { openProvider } from ${JSON.stringify(new URL('job-request.ts', import.meta.url).href)}
      const runner = await openProvider(${JSON.stringify(node.root)}).runner(${JSON.stringify(node.nodeId)})
      await runner.exec(['sleep', '601.5'])`
    const worker = spawn(process.execPath, ['--input-type=module', '-e', program], {
      cwd: new URL('..', import.meta.url).pathname,
      env: { PATH: path },
    })
    await eventually(async () => (await processesWith('sleep\x00601.5')).length === 1)
    worker.kill('SIGKILL')
    expect(await eventually(async () => (await processesWith('sleep\x00601.5')).length === 0)).toBe(true)
  })

  it('keeps the exit code of a job that ended while nobody looked', async () => {
    const node = await localNode()
    const { child } = await startInOtherProcess(node, 'sleep 0.3; echo last words; exit 7')
    child.kill('SIGKILL')
    expect(await ended(node, jobId)).toMatchObject({ status: 'FAILED', exitCode: 7 })
    expect(await wholeLog(node, jobId)).toBe('last words\n')
  })
})

describe('stopping a job', () => {
  it('ends children, grandchildren and those that called setsid, and nothing else', async () => {
    const node = await localNode()
    const bystander = spawn('sleep', ['602.1'], { stdio: 'ignore' })
    const run =
      'sleep 602.2 & (sleep 602.3 &) ; setsid sleep 602.4 & setsid sh -c "sleep 602.5 & wait" & wait'
    await node.runtime.startJob(node.runner, jobRequest(run))
    await eventually(async () => (await processesWith('sleep\x00602.')).length === 5)
    await stopped(node, jobId, 5_000)
    expect(await processesWith('sleep\x00602.')).toEqual([bystander.pid])
    expect(await node.runtime.describeJob(node.runner, jobId)).toMatchObject({
      status: 'STOPPED',
      isAlive: false,
    })
    expect(await processesWith(node.nodeId)).toEqual([])
    bystander.kill('SIGKILL')
  })

  it('lets a job end in its own way within the grace, and kills one that will not', async () => {
    const node = await localNode()
    const polite = 'trap "echo bye; exit 0" TERM; echo up; while :; do sleep 0.05; done'
    await node.runtime.startJob(node.runner, jobRequest(polite))
    await eventually(async () => (await logSoFar(node, jobId)).includes('up'))
    await stopped(node, jobId, 10_000)
    expect(await wholeLog(node, jobId)).toMatch(/^up\n(Terminated\n)?bye\n$/)

    const stubborn = { ...claim, attempt: 2 }
    await node.runtime.startJob(
      node.runner,
      jobRequest('trap "" TERM; touch ~/up; while :; do sleep 0.05; done', { claim: stubborn }),
    )
    await eventually(() =>
      readFile(join(node.runner.home, 'up'), 'utf8').then(
        () => true,
        () => false,
      ),
    )
    const first = await node.runtime.stopJob(node.runner, jobIdOf(stubborn), 60_000)
    expect(first.isGone).toBe(false)
    await stopped(node, jobIdOf(stubborn), 500)
    expect(await node.runtime.describeJob(node.runner, jobIdOf(stubborn))).toMatchObject({
      status: 'STOPPED',
      exitCode: 137,
    })
  })

  it('ends a job that was stopped by SIGSTOP', async () => {
    const node = await localNode()
    const job = await node.runtime.startJob(node.runner, jobRequest('exec sleep 603.1'))
    const [sleeper] = await eventually(async () => {
      const found = await processesWith('sleep\x00603.1')
      return found.length === 1 && found
    })
    for (const pid of [job.pid, sleeper]) process.kill(pid ?? 0, 'SIGSTOP')
    await stopped(node, jobId, 0)
    expect(await processesWith(node.nodeId)).toEqual([])
  })

  it('never starts run once it was stopped during setup', async () => {
    const node = await localNode()
    await node.runtime.startJob(
      node.runner,
      jobRequest('touch ~/ran', { setup: 'trap "exit 0" TERM; sleep 600 & wait' }),
    )
    await eventually(
      async () =>
        (await fileOf(node, 'phase').catch(() => '')) === 'setup\n' &&
        (await processesWith('sleep\x00600')).length > 0,
    )
    await stopped(node, jobId, 10_000)
    expect(await readdir(node.runner.home)).not.toContain('ran')
  })

  it('never signals a process that has the number of an ended one', async () => {
    const node = await localNode()
    await node.runtime.startJob(node.runner, jobRequest('exit 0'))
    await ended(node, jobId)
    // A leader of its own session, whose number the claim now names with another start time: a recycled pid.
    const script = 'sleep 604.1 & wait'
    const stranger = spawn('sh', ['-c', script], { stdio: 'ignore', detached: true })
    const [child] = await eventually(async () => {
      const found = await processesWith('sleep\x00604.1')
      return found.length === 1 && found
    })
    const claimPath = join(node.runner.home, '.skykeep', 'jobs', jobId, 'claim')
    const fields = (await fileOf(node, 'claim')).split(' ')
    await writeFile(claimPath, [String(stranger.pid), ...fields.slice(1)].join(' '))
    expect(await node.runtime.stopJob(node.runner, jobId, 0)).toEqual({ isGone: true, remainingProcesses: 0 })
    expect(stranger.exitCode).toBeNull()
    expect(await processesWith('sleep\x00604.1')).toEqual([child])

    // The same number and start time of another boot mean nothing either.
    const stat = await readFile(`/proc/${stranger.pid}/stat`, 'utf8')
    const start = stat.slice(stat.lastIndexOf(')') + 2).split(' ')[19] ?? ''
    await writeFile(claimPath, [String(stranger.pid), start, 'another-boot', ...fields.slice(3)].join(' '))
    expect(await node.runtime.stopJob(node.runner, jobId, 0)).toEqual({ isGone: true, remainingProcesses: 0 })
    expect(await processesWith('sleep\x00604.1')).toEqual([child])
    process.kill(-(stranger.pid ?? 0), 'SIGKILL')
  })

  it('invariant 19: says that the node was booted again, and calls the job lost', async () => {
    const node = await localNode()
    await node.runtime.startJob(node.runner, jobRequest('exec sleep 605.1'))
    const fields = (await fileOf(node, 'claim')).split(' ')
    await writeFile(
      join(node.runner.home, '.skykeep', 'jobs', jobId, 'claim'),
      [...fields.slice(0, 2), 'another-boot', ...fields.slice(3)].join(' '),
    )
    expect(await node.runtime.describeJob(node.runner, jobId)).toMatchObject({
      status: 'LOST',
      hasRebooted: true,
      isAlive: false,
    })
  })

  it('calls a job lost whose supervisor was killed, and still ends what it left', async () => {
    const node = await localNode()
    const job = await node.runtime.startJob(node.runner, jobRequest('exec sleep 606.1'))
    await eventually(async () => (await processesWith('sleep\x00606.1')).length === 1)
    process.kill(job.pid, 'SIGKILL')
    await eventually(async () => (await node.runtime.describeJob(node.runner, jobId))?.status === 'LOST')
    await stopped(node, jobId, 0)
    expect(await processesWith('sleep\x00606.1')).toEqual([])
  })
})
