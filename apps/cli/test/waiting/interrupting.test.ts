import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { randomBytes } from 'node:crypto'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { ended, unfriendly } from '../verbs/command-line.ts'
import { answering, answeringWith, onePlane, untilStatus } from '../verbs/running-plane.ts'

const plane = onePlane()
const op = '(op_[0-9a-z]+)'

/** A process that Ctrl-C ended as it should: 130, friendly, and what it said of what goes on. */
async function interrupt(args: readonly string[], after: string): Promise<string> {
  const { code, stderr, stdout } = await plane.run(args, { interruptAfter: after })
  expect([code, stderr], `${args.join(' ')}: ${stdout}`).toEqual([
    130,
    expect.stringMatching(/(?:^|\n)stopped/),
  ])
  expect(stderr).not.toMatch(unfriendly)
  return stderr.slice(stderr.lastIndexOf('stopped')).trim()
}

describe('Ctrl-C of a verb that waits says what goes on, how to see it and how to stop it, and stops nothing', () => {
  it('serve up', async () => {
    const file = plane.serviceFile('slow', `sleep 4\n${answering}`)
    const said = await interrupt(['serve', 'up', file], 'STARTING')
    expect(said).toMatch(
      new RegExp(
        `^stopped waiting: serve up of slow goes on: \`npx skykeep ops ${op} --watch\`; to cancel it: \`npx skykeep ops cancel \\1\`\\.$`,
      ),
    )
    const [, uid = ''] = new RegExp(op).exec(said) ?? []
    // What it names shows it, to its end.
    expect((await plane.run(['ops', uid, '--watch'])).code).toBe(0)
    await untilStatus(plane, 'slow', ({ status }) => status === 'READY')
  })

  it('serve update', async () => {
    const file = plane.serviceFile('slow', `sleep 3\n${answeringWith('new')}`)
    const said = await interrupt(['serve', 'update', 'slow', file, '--yes'], 'rollout slow')
    expect(said).toMatch(
      new RegExp(
        `^stopped waiting: the rollout of slow goes on: \`npx skykeep ops ${op} --watch\`; to hold it: \`npx skykeep serve rollout slow --hold\`; to cancel it: \`npx skykeep ops cancel \\1\`\\.$`,
      ),
    )
    const [, uid = ''] = new RegExp(op).exec(said) ?? []
    expect((await plane.run(['ops', uid, '--watch'])).code).toBe(0)
  })

  it.each([
    [['status', '--watch'], 'slow', /watching: what runs goes on: `npx skykeep status`\.$/],
    [
      ['serve', 'status', 'slow', '--watch', '--json'],
      '{',
      /watching: slow goes on: `npx skykeep serve status slow`; to end it: `npx skykeep serve down slow`\.$/,
    ],
    [
      ['serve', 'rollout', 'slow', '--watch'],
      'versions',
      /watching: slow goes on: `npx skykeep serve rollout slow`/,
    ],
    [
      ['serve', 'logs', 'slow', '--follow'],
      'hello',
      /following: slow goes on: `npx skykeep serve status slow`/,
    ],
    [['serve', 'logs', 'slow', '--all', '--follow'], 'hello', /following: slow goes on/],
    [['events', '--follow'], 'slow', /following: what happens goes on: `npx skykeep events`\.$/],
  ])('%j', async (args, after, words) => {
    expect(await interrupt(args, after)).toMatch(words)
    expect(await plane.json('serve', 'status', 'slow')).toMatchObject({ status: 'READY' })
  })

  it('serve down, which nothing takes back', async () => {
    const said = await interrupt(['serve', 'down', 'slow'], 'down    slow')
    expect(said).toMatch(
      /serve down of slow goes on: `npx skykeep ops op_\w+ --watch`; it cannot be taken back\.$/,
    )
    const [, uid = ''] = new RegExp(op).exec(said) ?? []
    expect((await plane.run(['ops', uid, '--watch'])).code).toBe(0)
    expect((await plane.run(['serve', 'status', 'slow'])).code).toBe(4)
  })
})

describe('Ctrl-C of a verb that works on the state stops it where nothing is half done', () => {
  const backups = (): readonly string[] => readdirSync(path.join(plane.root, 'backups'))

  beforeAll(() => {
    const folder = path.join(plane.root, 'uploads', 'large')
    mkdirSync(folder, { mode: 0o700 })
    for (let file = 0; file < 12; file += 1)
      writeFileSync(path.join(folder, String(file)), randomBytes(8 << 20), { mode: 0o600 })
  })

  it('state backup: no backup, and nothing of it is left', async () => {
    const said = await interrupt(['state', 'backup'], 'snapshot')
    expect(said).toContain('stopped: no backup was made; what was written of it is gone')
    expect(backups()).toEqual([])
  })

  it('a second Ctrl-C ends at once, and the next backup sweeps what that left', async () => {
    const child = plane.start(['state', 'backup'])
    const end = ended(child, 'snapshot')
    child.stderr?.on('data', (text: Buffer) => {
      if (text.toString().includes('again to end at once')) child.kill('SIGINT')
    })
    expect((await end).code).toBe(130)
    const { code } = await plane.run(['state', 'backup'])
    expect([code, backups().length]).toEqual([0, 1])
  })

  it('state restore: the new place is not whole and says so; the same command begins anew', async () => {
    const [file = ''] = backups()
    const to = path.join(plane.folder, 'restored')
    const args = ['state', 'restore', path.join(plane.root, 'backups', file), '--to', to]
    const said = await interrupt(args, 'read ')
    expect(said).toContain(
      `stopped: ${to} is not whole, and nothing starts on it; the same command begins anew`,
    )
    const refused = await plane.run(['serve', 'up', 'x.yaml'], { env: { SKYPILOT_PERSISTENT_PATH: to } })
    expect(refused.code).not.toBe(0)
    expect((await plane.run(args)).code).toBe(0)
  })

  it('state move: everything goes on where it was; the same command goes on with the move', async () => {
    for (const file of backups()) rmSync(path.join(plane.root, 'backups', file))
    const to = path.join(plane.folder, 'moved')
    const said = await interrupt(['state', 'move', to], 'copied')
    expect(said).toContain(`stopped: the state is whole at ${plane.root}, and everything goes on there`)
    expect((await plane.run(['serve', 'status'])).code).toBe(0)
    expect(existsSync(path.join(to, 'state.db'))).toBe(false)
    expect((await plane.run(['state', 'move', to, '--keep-old'])).code).toBe(0)
    const env = { SKYPILOT_PERSISTENT_PATH: to }
    expect((await plane.run(['serve', 'status'], { env })).code).toBe(0)
    expect((await plane.run(['stop'], { env })).code).toBe(0)
  }, 400_000)
})
