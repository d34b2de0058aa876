import { posix } from 'node:path'
import { extract, type ReadEntry } from 'tar'
import { SkykeepError } from '@skykeep/core/errors'
import { asStorageError } from './storage-error.ts'
import type { UploadLimits } from '@skykeep/core/upload-limits'

/** Deeper than any real project; tar itself would go to 1,024. */
const depthMax = 64

/**
 * Unpacks a working folder into an existing empty folder. Nothing is written outside it, whatever the archive says: no absolute path, no
 * `..`, no entry through a link, no link that leads out, no device, no set-uid bit. Files become 0600 or 0700, folders 0700.
 * Throws INVALID_INPUT naming the entry, or STORAGE_DEGRADED. What was unpacked before the error stays: the caller removes the folder.
 */
export async function unpackUpload(
  file: string,
  folder: string,
  limits: Pick<UploadLimits, 'unpackedBytesMax' | 'entriesMax'>,
): Promise<void> {
  let bytes = 0
  let entries = 0
  const folders = new Set<string>()
  let refusal: SkykeepError | null = null
  const check = (entry: ReadEntry): SkykeepError | null => {
    entries += 1 + unseenParents(entry.path, folders)
    bytes += entry.size
    if (entries > limits.entriesMax) return tooLarge(`more than ${limits.entriesMax} files`)
    if (bytes > limits.unpackedBytesMax) {
      return tooLarge(`more than ${Math.floor(limits.unpackedBytesMax / 1024 ** 2)} MiB`)
    }
    return refusalOf(entry)
  }
  try {
    await extract({
      file,
      cwd: folder,
      strict: true,
      preserveOwner: false,
      umask: 0o077,
      dmode: 0o700,
      filter: (_path, entry) => {
        // On extraction tar passes the entry of the archive, never the stat of a file.
        if (refusal !== null || !('meta' in entry)) return false
        refusal = check(entry)
        if (refusal !== null) return false
        entry.mode = entry.type === 'Directory' || ((entry.mode ?? 0) & 0o100) !== 0 ? 0o700 : 0o600
        return true
      },
    })
  } catch (error) {
    throw asUnpackError(error)
  }
  if (refusal !== null) throw refusal
}

/** Folders that an entry brings with it without naming them: they count too, or a small archive could make millions. */
function unseenParents(path: string, seen: Set<string>): number {
  let unseen = 0
  for (let at = path.indexOf('/'); at > 0 && unseen <= depthMax; at = path.indexOf('/', at + 1)) {
    const parent = path.slice(0, at)
    if (seen.has(parent)) continue
    seen.add(parent)
    unseen += 1
  }
  return unseen
}

function refusalOf(entry: ReadEntry): SkykeepError | null {
  const path = entry.path
  if (path.includes('\0') || posix.isAbsolute(path) || path.split('/').includes('..')) {
    return unsafe(path, 'leads out of the folder')
  }
  if (path.split('/').length > depthMax)
    return unsafe(path.slice(0, 200), `lies more than ${depthMax} folders deep`)
  switch (entry.type) {
    case 'File':
    case 'OldFile':
    case 'ContiguousFile':
    case 'Directory':
      return null
    case 'Link':
      return refusalOfLink(path, '.', entry.linkpath ?? '')
    case 'SymbolicLink':
      return refusalOfLink(path, posix.dirname(path), entry.linkpath ?? '')
    default:
      return unsafe(path, 'is neither a file nor a folder nor a link')
  }
}

function refusalOfLink(path: string, from: string, target: string): SkykeepError | null {
  if (holdsItself(path, target)) return unsafe(path, 'is a link to itself')
  return leadsOut(from, target) ? unsafe(path, 'is a link that leads out of the folder') : null
}

/** True when one of both names lies in the other, as tar compares them: tar would wait for its own lock for ever. */
function holdsItself(one: string, other: string): boolean {
  const name = (path: string): string =>
    `${posix.join('/', path).replace(/\/+$/, '')}/`.normalize('NFKD').toUpperCase()
  return name(one).startsWith(name(other)) || name(other).startsWith(name(one))
}

/**
 * True unless the target stays inside for certain. `..` may stand only at its start: after a name it could step out of what
 * another link points to, which the text alone does not show.
 */
function leadsOut(from: string, target: string): boolean {
  if (target === '' || target.includes('\0') || posix.isAbsolute(target)) return true
  const segments = target.split('/').filter((segment) => segment !== '' && segment !== '.')
  const ups = segments.findIndex((segment) => segment !== '..')
  const upCount = ups === -1 ? segments.length : ups
  if (segments.slice(upCount).includes('..')) return true
  const depth = posix
    .normalize(from)
    .split('/')
    .filter((segment) => segment !== '' && segment !== '.').length
  return upCount > depth
}

function unsafe(path: string, why: string): SkykeepError {
  const shown = JSON.stringify(path.slice(0, 200))
  return new SkykeepError('INVALID_INPUT', `unsafe entry in an upload: ${shown} ${why}`, {
    userMessage: `The working folder cannot be taken over: ${shown} ${why}.`,
    hint: 'Remove it, or name it in a .skyignore file in the working folder.',
  })
}

function tooLarge(what: string): SkykeepError {
  return new SkykeepError('INVALID_INPUT', `upload unpacks to ${what}`, {
    userMessage: `The working folder holds ${what}.`,
    hint: 'Leave large files and folders out with a .skyignore file in the working folder.',
  })
}

function asUnpackError(error: unknown): unknown {
  const known = asStorageError(error)
  if (known instanceof SkykeepError) return known
  return new SkykeepError('INVALID_INPUT', 'an upload that does not unpack', {
    userMessage: 'The working folder did not arrive whole, or holds something that cannot be unpacked.',
    hint: 'Run the same command again; if it fails again, look for odd files in the folder.',
    cause: error,
  })
}
