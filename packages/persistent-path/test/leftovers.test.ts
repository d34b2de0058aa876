import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import { sweepFolder } from '@skykeep/persistent-path/leftovers'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
/** A number whose process has ended. */
const dead = spawnSync(process.execPath, ['-e', '']).pid

beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'sk-left-'))
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

const namesOf = (pid: number): readonly string[] => [
  `.master.key.${pid}.3.tmp`,
  `master.key.${pid}.0123abcd`,
  `.write-${pid}`,
  `.lock-${pid}.db-wal`,
  `backup.${pid}.db`,
  `.backup.${pid}.tmp`,
]

describe('what a process that was killed left half done', () => {
  it('is swept, and what a living one writes or a person keeps is not', () => {
    const kept = [...namesOf(process.pid), 'master.key', 'notes.tmp', `backup-of-${dead}.db`]
    for (const name of [...namesOf(dead), ...kept]) writeFileSync(join(folder, name), '')
    mkdirSync(join(folder, `skykeep-verify-${dead}-abcdef`))
    sweepFolder(folder)
    sweepFolder(join(folder, 'missing'))
    expect(readdirSync(folder).toSorted()).toEqual(kept.toSorted())
  })

  it('goes when the same file is written again, and when its path is used again', () => {
    const { layout } = preparePath(join(folder, 'path'), false)
    const half = (name: string): void => writeFileSync(join(layout.keysDir, name), 'a key', { mode: 0o600 })
    half(`.master.key.${dead}.3.tmp`)
    writeFileAtomic(layout.masterKey, 'a key')
    expect(readdirSync(layout.keysDir)).toEqual(['master.key'])
    half(`master.key.${dead}.0123abcd`)
    preparePath(layout.root, false)
    expect(readdirSync(layout.keysDir)).toEqual(['master.key'])
  })
})
