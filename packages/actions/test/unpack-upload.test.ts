import { lstatSync, mkdirSync, mkdtempSync, readFileSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { gzipSync } from 'node:zlib'
import * as fc from 'fast-check'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { unpackUpload } from '@skykeep/actions/uploads/unpack-upload'
import { archiveOf, type ArchiveEntry } from './archives.ts'

const limits = { unpackedBytesMax: 10_000, entriesMax: 50 }
let base = ''
let round = 0

beforeEach(() => {
  base = mkdtempSync(join(tmpdir(), 'unpack-'))
})
afterEach(() => {
  rmSync(base, { recursive: true, force: true })
})

async function unpack(bytes: Buffer): Promise<string> {
  round += 1
  const parent = join(base, String(round))
  const folder = join(parent, 'in', 'workdir')
  mkdirSync(folder, { recursive: true })
  writeFileSync(join(parent, 'upload.tar'), bytes)
  await unpackUpload(join(parent, 'upload.tar'), folder, limits)
  return folder
}

/** Everything outside the working folder of the last round: only the upload may be there. */
function outside(): string[] {
  const parent = join(base, String(round))
  return [...readdirSync(parent), ...readdirSync(join(parent, 'in'))].toSorted()
}

describe('unpacking a working folder', () => {
  it.each(['plain', 'gzip'])('takes files, folders and links that stay inside (%s)', async (form) => {
    const bytes = archiveOf([
      { path: './', type: 'Directory', mode: 0o000 },
      { path: './bin/', type: 'Directory' },
      { path: './bin/serve', content: 'run', mode: 0o4755 },
      { path: './notes.txt', content: 'text', mode: 0o666 },
      { path: './bin/latest', type: 'SymbolicLink', linkpath: 'serve' },
      { path: './bin/up', type: 'SymbolicLink', linkpath: '../notes.txt' },
      { path: './same', type: 'Link', linkpath: 'notes.txt' },
    ])
    const folder = await unpack(form === 'gzip' ? gzipSync(bytes) : bytes)
    expect(readFileSync(join(folder, 'bin/up'), 'utf8')).toBe('text')
    expect(readFileSync(join(folder, 'same'), 'utf8')).toBe('text')
    expect(lstatSync(join(folder, 'bin/serve')).mode & 0o7777).toBe(0o700)
    expect(lstatSync(join(folder, 'notes.txt')).mode & 0o7777).toBe(0o600)
    expect(lstatSync(join(folder, 'bin')).mode & 0o7777).toBe(0o700)
  })

  const link = (path: string, linkpath: string): ArchiveEntry => ({ path, type: 'SymbolicLink', linkpath })
  const hostile: Record<string, readonly ArchiveEntry[]> = {
    'an absolute path': [{ path: '/tmp/skykeep-escape', content: 'x' }],
    'a path with ..': [{ path: '../escape', content: 'x' }],
    'a path with .. in its middle': [{ path: 'a/../../escape', content: 'x' }],
    'an absolute link': [link('passwd', '/etc/passwd')],
    'a link to the parent': [link('up', '..')],
    'a link that climbs out': [{ path: 'a/', type: 'Directory' }, link('a/up', '../../x')],
    'a link that climbs out after a name': [link('a/b/c', '../..'), link('m', 'a/b/c/../escape')],
    'an empty link': [link('nothing', '')],
    'a file through a link': [
      { path: 'd/', type: 'Directory' },
      link('l', 'd'),
      { path: 'l/../../escape', content: 'x' },
    ],
    'a file behind a link': [
      { path: 'd/', type: 'Directory' },
      link('l', 'd'),
      { path: 'l/inside', content: 'x' },
    ],
    'a hard link to a file outside': [{ path: 'hard', type: 'Link', linkpath: '../../upload.tar' }],
    'an absolute hard link': [{ path: 'hard', type: 'Link', linkpath: '/etc/passwd' }],
    'a hard link to itself': [{ path: 'Self', type: 'Link', linkpath: './self' }],
    'a named pipe': [{ path: 'pipe', type: 'FIFO' }],
    'a device': [{ path: 'null', type: 'CharacterDevice' }],
    'a file that is too large': [{ path: 'big', content: 'x'.repeat(10_001) }],
    'files that are too large together': [
      { path: 'one', content: 'x'.repeat(6_000) },
      { path: 'two', content: 'x'.repeat(6_000) },
    ],
    'too many files': Array.from({ length: 51 }, (_, n) => ({ path: `f${n}` })),
    'too many folders that no entry names': [
      { path: `${'a/'.repeat(20)}f` },
      { path: `${'b/'.repeat(40)}f` },
    ],
    'a file that lies too deep': [{ path: `${'d/'.repeat(30)}${'e/'.repeat(40)}f` }],
    'a file that ends early': [{ path: 'short', content: 'x', size: 9_000 }],
  }
  it.each(Object.entries(hostile))('refuses %s and writes nothing outside', async (_name, entries) => {
    await expect(unpack(archiveOf(entries))).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    expect(outside()).toEqual(['in', 'upload.tar', 'workdir'])
  })

  it.each([
    ['text', Buffer.from('hello, this is no archive'.repeat(100))],
    ['a cut gzip', gzipSync(archiveOf([{ path: 'a', content: 'y'.repeat(3_000) }])).subarray(0, 60)],
  ])('refuses %s that is no archive', async (_name, bytes) => {
    await expect(unpack(bytes)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })

  it('never writes outside, whatever names, kinds and targets stand in the archive', async () => {
    const segment = fc.constantFrom('a', 'A', 'b', '..', '.', '')
    const path = fc.array(segment, { minLength: 1, maxLength: 5 }).map((parts) => parts.join('/'))
    const entry = fc.record({
      path: path.filter((text) => text.replaceAll('/', '') !== ''),
      type: fc.constantFrom('File', 'Directory', 'SymbolicLink', 'Link'),
      linkpath: path,
      content: fc.constant(''),
    })
    await fc.assert(
      fc.asyncProperty(fc.array(entry, { minLength: 1, maxLength: 8 }), async (entries) => {
        await unpack(archiveOf(entries)).catch(() => undefined)
        expect(outside()).toEqual(['in', 'upload.tar', 'workdir'])
      }),
      { numRuns: 300 },
    )
  })
})
