import { mkdtemp, readFile, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { describe, expect, it } from 'vitest'
import { jobRequest } from './job-request.ts'
import { ended, localNode, wholeLog } from './local-node.ts'

describe('a job on a node', () => {
  it('runs setup, then run, in ~/sky_workdir, and keeps the exit code and both outputs', async () => {
    const node = await localNode()
    const workdir = await mkdtemp(join(node.root, 'workdir-'))
    await writeFile(join(workdir, 'hello.txt'), 'from the workdir\n')
    const request = jobRequest('pwd; cat hello.txt made; echo to stderr >&2', {
      setup: 'echo made > made',
      workdirSource: workdir,
    })
    const job = await node.runtime.startJob(node.runner, request)
    expect(job.pid).toBeGreaterThan(1)
    expect(await ended(node, job.jobId)).toMatchObject({
      status: 'SUCCEEDED',
      exitCode: 0,
      reason: 'run ended with exit code 0',
    })
    expect(await wholeLog(node, job.jobId)).toBe(
      `${node.runner.home}/sky_workdir\nfrom the workdir\nmade\nto stderr\n`,
    )
  })

  it.each([
    ['exit 3', null, 'FAILED', 3, /run ended with exit code 3$/],
    ['echo never', 'exit 4', 'FAILED_SETUP', 4, /setup ended with exit code 4$/],
    ['kill -KILL $$', null, 'FAILED', 137, /memory ran out/],
    ['kill -SEGV $$', null, 'FAILED', 139, /SIGSEGV/],
    ['no-such-command', null, 'FAILED', 127, /not found/],
    ['set -e\nfalse\necho never', null, 'FAILED', 1, /exit code 1$/],
  ] as const)('run %j with setup %j ends %s with %d', async (...row) => {
    const [run, setup, status, exitCode, reason] = row
    const node = await localNode()
    const { jobId } = await node.runtime.startJob(node.runner, jobRequest(run, { setup }))
    const job = await ended(node, jobId)
    expect(job).toMatchObject({ status, exitCode })
    expect(job.reason).toMatch(reason)
    expect(await wholeLog(node, jobId)).not.toContain('never')
  })

  it('names the lines of what the user wrote in the errors of the shell, whatever the variables hold', async () => {
    const node = await localNode()
    const request = jobRequest('echo one\nno-such-command', { env: { LINES_OF_ITS_OWN: 'a\nb\nc' } })
    const { jobId } = await node.runtime.startJob(node.runner, request)
    await ended(node, jobId)
    expect(await wholeLog(node, jobId)).toMatch(/^one\nrun: line 2: no-such-command: command not found\n$/)
  })

  it('gives run exactly the listed variables and nothing of the control plane', async () => {
    const node = await localNode()
    process.env['SKYKEEP_DATABASE_URL'] = 'file:/secret/state.db'
    const request = jobRequest("cat /proc/self/environ | tr '\\0' '\\n'; umask", {
      env: { GREETING: "it's\n$HOME `x`", PORT: '20001' },
      setupEnv: { SKYPILOT_SETUP_NODE_RANK: '0' },
      runEnv: { SKYPILOT_NODE_RANK: '0' },
    })
    const { jobId } = await node.runtime.startJob(node.runner, request)
    await ended(node, jobId)
    delete process.env['SKYKEEP_DATABASE_URL']
    const text = await wholeLog(node, jobId)
    const names = text
      .split('\n')
      .filter((line) => line.includes('='))
      .map((line) => line.slice(0, line.indexOf('=')))
    expect(new Set(names)).toEqual(
      new Set([
        'HOME',
        'PATH',
        'LANG',
        'TMPDIR',
        'SKYKEEP_NODE',
        'SKYKEEP_JOB',
        'GREETING',
        'PORT',
        'SKYPILOT_NODE_RANK',
        // Every bash sets these itself.
        'PWD',
        'OLDPWD',
        'SHLVL',
        '_',
      ]),
    )
    expect(text).toContain("GREETING=it's\n$HOME `x`\n")
    expect(text).toContain(`HOME=${node.runner.home}\n`)
    expect(text).toContain('0022\n')
  })

  it('leaves SIGINT and SIGTERM to the job as they are', async () => {
    const node = await localNode()
    const { jobId } = await node.runtime.startJob(node.runner, jobRequest('grep SigIgn /proc/self/status'))
    await ended(node, jobId)
    expect(await wholeLog(node, jobId)).toMatch(/^SigIgn:\s+0{16}$/m)
  })

  it('never shows a secret on a command line nor in the log, and leaves none on the disk of the node', async () => {
    const node = await localNode()
    const secret = 'hunter2-of-the-secret-kind'
    const run = [
      'for file in /proc/[0-9]*/cmdline; do',
      '  case "$(tr "\\0" " " < $file)" in *"$TOKEN"*) echo "on a command line: $file" ;; esac',
      'done 2>/dev/null',
      'grep -rl -- "$TOKEN" ~/ | sed "s/^/on disk: /"',
      'test -n "$TOKEN" && echo has-token',
    ].join('\n')
    const { jobId } = await node.runtime.startJob(
      node.runner,
      jobRequest(run, { setup: 'true', env: { TOKEN: secret } }),
    )
    await ended(node, jobId)
    const text = await wholeLog(node, jobId)
    // grep itself has the token on its command line, but only after the loop.
    expect(text).toBe('has-token\n')
  })

  it('refuses a variable that no shell can export', async () => {
    const node = await localNode()
    for (const env of [{ 'A-B': '1' }, { UID: '1' }, { NUL: 'a\0b' }]) {
      await expect(node.runtime.startJob(node.runner, jobRequest('true', { env }))).rejects.toMatchObject({
        code: 'INVALID_INPUT',
      })
    }
  })

  it('knows nothing of a job that never was', async () => {
    const node = await localNode()
    expect(await node.runtime.describeJob(node.runner, 'rep_0-g1-a1')).toBeNull()
    expect(await node.runtime.listJobs(node.runner)).toEqual([])
    expect(await node.runtime.stopJob(node.runner, 'rep_0-g1-a1', 0)).toEqual({
      isGone: true,
      remainingProcesses: 0,
    })
    const log = await node.runtime.readLog(node.runner, 'rep_0-g1-a1', { offset: 0, limitBytes: 10 })
    expect(log).toMatchObject({ isEnded: true, nextOffset: 0 })
  })

  it('puts the private files of a job out of the reach of others', async () => {
    const node = await localNode()
    const { jobId } = await node.runtime.startJob(node.runner, jobRequest('true'))
    await ended(node, jobId)
    const claim = await readFile(join(node.runner.home, '.skykeep', 'jobs', jobId, 'claim'), 'utf8')
    expect(claim.split(' ')).toHaveLength(5)
  })
})
