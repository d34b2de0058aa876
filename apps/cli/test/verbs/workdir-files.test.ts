import { execFileSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, realpathSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { IgnoreRules } from '../../src/client/ignore-rules.ts'
import { workdirFiles, type WorkdirFiles } from '../../src/client/workdir-files.ts'

let folder = ''
beforeEach(() => void (folder = realpathSync(mkdtempSync(path.join(tmpdir(), 'workdir-')))))
afterEach(() => rmSync(folder, { recursive: true, force: true }))

function put(files: Readonly<Record<string, string>>): void {
  for (const [name, content] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), content)
  }
}

function listed(at = folder, limits = uploadLimits): WorkdirFiles {
  return workdirFiles({ folder: at, rules: IgnoreRules.of(at), keptOut: path.join(folder, 'state'), limits })
}

function names(at = folder): readonly string[] {
  return listed(at).paths.filter((name) => name !== './')
}

describe('what of a working folder is sent', () => {
  it('.skyignore wins: .gitignore counts for nothing beside it', () => {
    put({
      '.skyignore': '*.bin\n/data\n# no comment is a pattern\n\n',
      '.gitignore': 'kept.txt\n',
      'kept.txt': '',
      'model.bin': '',
      'sub/model.bin': '',
      'sub/data/kept': '',
      'sub/.gitignore': 'x\n',
      'sub/x': '',
      'data/big': '',
    })
    expect(names()).toEqual([
      './.gitignore',
      './.skyignore',
      './kept.txt',
      './sub',
      './sub/.gitignore',
      './sub/data',
      './sub/data/kept',
      './sub/x',
    ])
    expect(listed().leftOut).toEqual(['data/', 'model.bin', 'sub/model.bin'])
  })

  it('without one, .gitignore of the folder, those in it and those above it up to the repository, as git does', () => {
    put({
      '.git/HEAD': '',
      '.gitignore': '*.log\nnode_modules/\n',
      'app/.gitignore': '!kept.log\n*.tmp\n',
      'app/kept.log': '',
      'app/other.log': '',
      'app/a.tmp': '',
      'app/A.TMP': '',
      'app/sub/.gitignore': '!b.tmp\n',
      'app/sub/b.tmp': '',
      'app/sub/c.tmp': '',
      'app/node_modules/m/index.js': '',
      'app/main.py': '',
    })
    expect(names(path.join(folder, 'app'))).toEqual([
      './.gitignore',
      './A.TMP',
      './kept.log',
      './main.py',
      './sub',
      './sub/.gitignore',
      './sub/b.tmp',
    ])
  })

  it('agrees with git itself on which files are ignored', () => {
    put({
      '.gitignore': '/build\n*.o\n!keep.o\ndoc/**/*.txt\nfoo bar\n\\#hash\ntrail\\ \n[ab]x\n',
      'build/x': '',
      'src/build/x': '',
      'a.o': '',
      'keep.o': '',
      'doc/a.txt': '',
      'doc/b/c/d.txt': '',
      'doc/e.md': '',
      'foo bar': '',
      '#hash': '',
      ax: '',
      cx: '',
      ÄX: '',
    })
    execFileSync('git', ['init', '-q', folder])
    const byGit = execFileSync('git', [
      '-C',
      folder,
      '-c',
      'core.quotePath=off',
      'ls-files',
      '-o',
      '--exclude-standard',
    ])
      .toString()
      .trim()
      .split('\n')
    const folders = new Set(['./build', './src', './src/build', './doc', './doc/b', './doc/b/c'])
    const ours = names().filter((name) => !folders.has(name))
    expect(ours.map((name) => name.slice(2)).toSorted()).toEqual(byGit.toSorted())
  })

  it('a folder that git ignores as a whole is sent: it was named on purpose', () => {
    put({ '.git/HEAD': '', '.gitignore': 'out/\n', 'out/server.js': '' })
    expect(names(path.join(folder, 'out'))).toEqual(['./server.js'])
  })

  it('never the persistent path, .git, sockets; names that tar would read as something else are names', async () => {
    put({ 'state/keys/master.key': '', '.git/config': '', '@archive.tar': '', '-rf': '', 'new\nline': '' })
    const server = createServer()
    await new Promise<void>((resolve) => server.listen(path.join(folder, 'a.sock'), resolve))
    try {
      expect(names()).toEqual(['./-rf', './@archive.tar', './new\nline'])
      expect(listed().leftOut).toEqual(['a.sock'])
    } finally {
      server.close()
    }
  })

  it('links: inside as they are, absolute ones that stay inside made relative, one that leads out refused by name', () => {
    put({ 'a/file': '', 'b/other': '' })
    symlinkSync('../b', path.join(folder, 'a/relative'))
    symlinkSync(path.join(folder, 'b/other'), path.join(folder, 'a/absolute'))
    symlinkSync('a/../b/other', path.join(folder, 'winding'))
    symlinkSync('nowhere', path.join(folder, 'dangling'))
    expect([...listed().linkTargets]).toEqual([
      ['./a/absolute', '../b/other'],
      ['./winding', 'b/other'],
    ])
    symlinkSync('/usr/bin/env', path.join(folder, 'a/python'))
    expect(() => listed()).toThrow('workdir: a/python is a link that leads out of the folder: /usr/bin/env')
    put({ '.skyignore': '/a/python\n' })
    expect(listed().leftOut).toEqual(['a/python'])
  })

  it('refuses too much before anything is sent, and says where the weight is', () => {
    put({ 'data/one': 'x'.repeat(600), 'data/two': 'x'.repeat(600), 'code/main.py': 'x'.repeat(10) })
    expect(() => listed(folder, { ...uploadLimits, unpackedBytesMax: 1000 })).toThrow(
      expect.objectContaining({
        message: `workdir: ${folder} holds 1.2 KiB, and at most 1000 B can be sent`,
        hint: expect.stringContaining('data (3 entries, 1.2 KiB), code (2 entries, 10 B)'),
      }),
    )
    expect(() => listed(folder, { ...uploadLimits, entriesMax: 3 })).toThrow(
      `workdir: ${folder} holds more than 3 files and folders`,
    )
  })
})
