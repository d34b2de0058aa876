import { chmodSync, mkdtempSync, readFileSync, rmSync, statSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import {
  clearIncoming,
  readIncoming,
  readMoved,
  readPathInstallation,
  requireNotMoved,
  requireSameInstallation,
  requireWhole,
  writeIncoming,
  writeMoved,
} from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { rewritePersistentPath } from '@skykeep/persistent-path/rewrite-config'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'

let folder = ''
let layout: Layout
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'skp-'))
  layout = preparePath(join(folder, 'a'), false).layout
})
afterEach(() => rmSync(folder, { recursive: true, force: true }))

describe('what a path says of itself', () => {
  it('belongs to one installation and epoch: the database of another is refused by name', () => {
    const own = { installationId: 'ins_1', epoch: 1 }
    requireSameInstallation(layout, own)
    requireSameInstallation(layout, own)
    expect(readPathInstallation(layout)).toEqual(own)
    for (const other of [
      { ...own, epoch: 2 },
      { ...own, installationId: 'ins_2' },
    ])
      expect(() => requireSameInstallation(layout, other)).toThrow(`its database to ${other.installationId}`)
    expect(readPathInstallation(layout)).toEqual(own)
  })

  it('a restore that did not come to its end keeps everything from starting there', () => {
    requireWhole(layout)
    writeIncoming(layout, { kind: 'restore', from: '/b.tar.zst' })
    expect(() => requireWhole(layout)).toThrow('a restore of /b.tar.zst')
    clearIncoming(layout)
    requireWhole(layout)
  })

  it('a move to it is as good as done once the old path names it', () => {
    const old = preparePath(join(folder, 'b'), false).layout
    writeIncoming(layout, { kind: 'move', from: old.root })
    expect(() => requireWhole(layout)).toThrow(`a move of ${old.root}`)
    requireNotMoved(old)
    writeMoved(old, { to: layout.root, atMs: 1 })
    requireWhole(layout)
    expect(() => requireNotMoved(old)).toThrow(`was moved to ${layout.root}`)
    writeMoved(old, { to: join(folder, 'c'), atMs: 1 })
    expect(() => requireWhole(layout)).toThrow(`a move of ${old.root}`)
  })

  it('says nothing where its files are damaged', () => {
    for (const file of [layout.incomingFile, layout.movedFile, layout.installationFile])
      writeFileSync(file, '{"to":')
    expect([readIncoming(layout), readMoved(layout), readPathInstallation(layout)]).toEqual([
      undefined,
      undefined,
      undefined,
    ])
    expect(readMoved(layoutOf(join(folder, 'none')))).toBeUndefined()
  })
})

it('another persistent_path in config.yaml keeps comments, order and mode', () => {
  const file = join(folder, 'config.yaml')
  writeFileSync(file, '# ours\npersistent_path: /a # here\nweb:\n  port: 1 # the port\n')
  chmodSync(file, 0o640)
  rewritePersistentPath(file, '/b c')
  expect(readFileSync(file, 'utf8')).toBe(
    '# ours\npersistent_path: /b c # here\nweb:\n  port: 1 # the port\n',
  )
  expect(statSync(file).mode & 0o777).toBe(0o640)
})
