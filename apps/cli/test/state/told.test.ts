import { readdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import type { SkykeepEvent } from '@skykeep/core/events'
import { answering, onePlane } from '../verbs/running-plane.ts'

const plane = onePlane()

async function toldOf(type: SkykeepEvent['type']): Promise<readonly SkykeepEvent[]> {
  const { stdout } = await plane.run(['events', '--json', '--limit', '200'])
  // The command's documented shape.
  return (JSON.parse(stdout) as readonly SkykeepEvent[]).filter((event) => event.type === type)
}

it('a backup, a check of it and a check that fails are told of, with whose wish it was', async () => {
  const served = await plane.serve('open', answering)
  expect(served.code, served.stderr).toBe(0)
  const backups = path.join(plane.root, 'backups')
  const broken = path.join(backups, 'skykeep-broken.tar.zst')
  writeFileSync(broken, 'nothing of ours')
  expect((await plane.run(['state', 'verify', broken])).code).not.toBe(0)
  const [failed] = await toldOf('state.failed')
  expect(failed).toMatchObject({ payload: { work: 'verify' }, actor: 'command line' })
  expect(failed?.message).toMatch(/^The check of a backup failed: .+/)

  const made = await plane.run(['state', 'backup', '--json', '--asked-by', 'usr_somebody'])
  expect(made.code, made.stderr).toBe(0)
  expect(await toldOf('state.backed-up')).toMatchObject([{ actor: 'usr_somebody' }])
  const name = readdirSync(backups).find((each) => each.startsWith('skykeep-ins_')) ?? ''
  const verified = await plane.run(['state', 'verify', path.join(backups, name)])
  expect(verified.code, verified.stderr).toBe(0)
  const { size, mtimeMs } = statSync(path.join(backups, name))
  expect(await toldOf('state.verified')).toMatchObject([
    {
      reason: 'IDENTICAL',
      payload: { backup: name, bytes: size, modifiedAtMs: Math.trunc(mtimeMs), isIdentical: true },
    },
  ])
})
