import { spawn } from 'node:child_process'
import { mkdtempSync, mkdirSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, expect, it } from 'vitest'
import { openDatabase } from '@skykeep/db/connect'
import { getInstallation } from '@skykeep/db/installation'
import { layoutOf, foldersOf, type Layout } from '@skykeep/persistent-path/layout'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { migrationsDir } from '@skykeep/testing/migrations'
import { until } from '@skykeep/testing/until'
import { StateProcess } from '../src/plane/state-process.ts'

let folder = ''
let layout: Layout
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'skb-'))
  layout = layoutOf(path.join(folder, 'p'))
  for (const each of foldersOf(layout)) mkdirSync(each, { recursive: true, mode: 0o700 })
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const settings = (): ConstructorParameters<typeof StateProcess>[0] => ({
  root: layout.root,
  databaseUrl: `file:${layout.stateDb}`,
  build: path.dirname(migrationsDir),
  givenMasterKey: undefined,
})

const fenceNow = async (): Promise<number> => {
  const database = await openDatabase({ url: settings().databaseUrl, clock: systemClock })
  try {
    return (await getInstallation(database)).fence
  } finally {
    await database.close()
  }
}

it('prepares a new state, says what it did, and raises the fencing number above the one it is given', async () => {
  const lines: string[] = []
  const state = new StateProcess(settings(), (line) => lines.push(line))
  await state.bootstrap()
  expect(lines.join('\n')).toMatch(/^migrated the database: /)
  expect(readdirSync(layout.keysDir).toSorted()).toEqual(['gateway.key', 'local-token', 'master.key'])
  expect(await state.raiseFence(0)).toBe(1)
  expect(await state.raiseFence(7)).toBe(8)
  expect(await fenceNow()).toBe(8)
})

it('an error comes over as it was thrown', async () => {
  await new StateProcess(settings(), () => undefined).bootstrap()
  writeFileSync(layout.masterKey, 'not a key\n')
  const lines: string[] = []
  await new StateProcess(settings(), (line) => lines.push(line)).bootstrap()
  expect(lines.join('\n'), 'a lost key stops nothing here').toContain('warning')
  const elsewhere = { ...settings(), databaseUrl: `file:${folder}/other.db` }
  const failed = new StateProcess(elsewhere, () => undefined).bootstrap()
  await expect(failed).rejects.toMatchObject({
    code: 'CONFLICT',
    message: expect.stringContaining('belongs to installation'),
    hint: expect.stringContaining('database.url'),
  })
  const broken = { ...settings(), build: folder }
  await expect(new StateProcess(broken, () => undefined).bootstrap()).rejects.toMatchObject({
    code: 'INTERNAL',
    message: expect.stringContaining('no migrations'),
  })
})

it('invariant 6: once the supervisor is gone its process raises no number and ends', async () => {
  await new StateProcess(settings(), () => undefined).bootstrap()
  const child = path.join(import.meta.dirname, '../src/plane/state-child.ts')
  // A supervisor that asks and is killed before it has the answer.
  const program = `
    const { fork } = require('node:child_process')
    const child = fork(${JSON.stringify(child)}, [], { stdio: 'ignore' })
    process.stdout.write(child.pid + '\\n')
    child.send({ ...${JSON.stringify({ ...settings(), step: 'raise-fence', atLeast: 0 })}, parentPid: process.pid }, () => process.kill(process.pid, 'SIGKILL'))`
  const supervisor = spawn(process.execPath, ['-e', program], { stdio: ['ignore', 'pipe', 'inherit'] })
  const pid = await new Promise<number>((resolve) =>
    supervisor.stdout.once('data', (chunk: Buffer) => resolve(Number(chunk.toString()))),
  )
  await until('its process has ended', () => !isAlive(pid))
  expect(await fenceNow()).toBe(0)
})

function isAlive(pid: number): boolean {
  try {
    process.kill(pid, 0)
    return true
  } catch {
    return false
  }
}
