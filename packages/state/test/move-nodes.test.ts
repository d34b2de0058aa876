import {
  existsSync,
  lstatSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  readlinkSync,
  rmSync,
  statSync,
  unlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { moveNodes } from '@skykeep/state/move/move-nodes'
import { afterEach, describe, expect, it } from 'vitest'

const folders: string[] = []
afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true })
})

function pathIn(parent: string): Layout {
  const folder = mkdtempSync(join(parent, 'skn-'))
  folders.push(folder)
  return preparePath(join(folder, 'p'), false).layout
}

function withNodes(): Layout {
  const layout = pathIn(tmpdir())
  for (const folder of ['.nodes', 'n-1', '.trash', '.sim/.nodes', '.sim/n-2'])
    mkdirSync(join(layout.localDir, folder), { recursive: true })
  for (const file of ['.nodes/n-1.json', 'n-1/file', '.sim/.nodes/n-2.json', '.sim/n-2/file'])
    writeFileSync(join(layout.localDir, file), file)
  return layout
}

const files = ['.nodes/n-1.json', 'n-1/file', '.sim/.nodes/n-2.json', '.sim/n-2/file']
const contents = ({ localDir }: Layout): readonly string[] =>
  files.map((file) => readFileSync(join(localDir, file), 'utf8'))
const shm = '/dev/shm'
const hasOther = existsSync(shm) && statSync(shm).dev !== statSync(tmpdir()).dev

describe('the folders of running nodes', () => {
  it('are renamed on one file system, and found under their old names', () => {
    const [from, to] = [withNodes(), pathIn(tmpdir())]
    expect(moveNodes(from, to)).toBe('renamed')
    expect([contents(from), contents(to)]).toEqual([files, files])
    expect(moveNodes(from, to)).toBe('renamed')
    // Killed between the rename and the link.
    unlinkSync(from.localDir)
    expect(moveNodes(from, to)).toBe('renamed')
    expect(readlinkSync(from.localDir)).toBe(to.localDir)
  })

  it.skipIf(!hasOther)(
    `stay across file systems, with a link to each${hasOther ? '' : ' (skipped: /dev/shm is no other one)'}`,
    () => {
      const [from, to] = [withNodes(), pathIn(shm)]
      expect(moveNodes(from, to)).toBe('linked')
      expect(moveNodes(from, to)).toBe('linked')
      expect([contents(from), contents(to)]).toEqual([files, files])
      expect(lstatSync(join(to.localDir, 'n-1')).isSymbolicLink()).toBe(true)
      // New nodes and their records are made at the new path.
      expect(lstatSync(join(to.localDir, '.nodes')).isSymbolicLink()).toBe(false)
      expect(existsSync(join(to.localDir, '.trash'))).toBe(false)
      expect(moveNodes(layoutOf(join(from.root, 'none')), to)).toBe('renamed')
    },
  )
})
