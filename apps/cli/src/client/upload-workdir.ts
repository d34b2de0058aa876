import { existsSync, realpathSync, statSync } from 'node:fs'
import { Readable } from 'node:stream'
import { create } from 'tar'
import { SkykeepError } from '@skykeep/core/errors'
import { uploadLimits } from '@skykeep/core/upload-limits'
import { size } from '../output/size.ts'
import { errorInAnswer } from './api.ts'
import { pathsMeant, type Caller } from './caller-path.ts'
import { IgnoreRules } from './ignore-rules.ts'
import type { Session } from './session.ts'
import { workdirFiles, type WorkdirFiles } from './workdir-files.ts'

/** The absolute folder that `workdir` means. Throws INVALID_INPUT where neither place has it. */
export function resolveWorkdir({ written, ...caller }: Caller & { readonly written: string }): string {
  const candidates = pathsMeant(written, caller)
  const found = candidates.find((folder) => existsSync(folder) && statSync(folder).isDirectory())
  if (found !== undefined) return found
  const file = candidates.find((candidate) => existsSync(candidate))
  throw new SkykeepError(
    'INVALID_INPUT',
    file === undefined ? `workdir: ${written}: no such folder` : `workdir: ${written}: not a folder`,
    {
      hint: `Looked at ${candidates.join(' and ')}. Give a folder relative to where you run the command, or an absolute one.`,
    },
  )
}

/** Above either of these a person is told what is sent, and how far it is. */
const manyFiles = 1000
const manyBytes = 16 * 2 ** 20
const progressMs = 2000

/**
 * Sends a working folder as a tar stream; returns the upload's id. Leaves out what .skyignore, else .gitignore says, `.git` and the
 * persistent path, and says so. Throws INVALID_INPUT for what cannot be sent, before the first byte where that can be known.
 */
export async function uploadWorkdir(session: Session, given: string): Promise<string> {
  const folder = realpathSync(given)
  const rules = IgnoreRules.of(folder)
  const keptOut = realPersistentPath(session)
  if (`${folder}/`.startsWith(`${keptOut}/`)) {
    throw new SkykeepError('INVALID_INPUT', `workdir: ${given} lies in the persistent path ${keptOut}`, {
      hint: 'That folder is for the state of Skykeep alone: move your files elsewhere.',
    })
  }
  const files = workdirFiles({ folder, rules, keptOut })
  const isLarge = files.fileCount > manyFiles || files.bytes > manyBytes
  if (isLarge || files.leftOut.length > 0) sayWhatIsSent(session, { folder, files, rules })
  const packing = new Packing(folder, files)
  const timer = isLarge ? setInterval(() => session.terminal.note(packing.progress()), progressMs) : undefined
  try {
    return await send(session, folder, packing)
  } finally {
    clearInterval(timer)
  }
}

function realPersistentPath({ place }: Session): string {
  const { root } = place.layout
  return existsSync(root) ? realpathSync(root) : root
}

function sayWhatIsSent(
  { terminal }: Session,
  sent: { readonly folder: string; readonly files: WorkdirFiles; readonly rules: IgnoreRules },
): void {
  const { fileCount, bytes, leftOut } = sent.files
  const count = `${fileCount.toLocaleString('en')} ${fileCount === 1 ? 'file' : 'files'}`
  const shown = `${leftOut.slice(0, 3).join(', ')}${leftOut.length > 3 ? ` and ${leftOut.length - 3} more` : ''}`
  const behind = leftOut.length === 0 ? '' : `; left out by ${sent.rules.source}: ${shown}`
  terminal.note(`workdir ${sent.folder}  ${count}, ${size(bytes)}${behind}`)
}

/** The tar stream of a folder, and how far it is. */
class Packing {
  readonly #folder: string
  readonly #files: WorkdirFiles
  #packedBytes = 0
  #failure: unknown

  constructor(folder: string, files: WorkdirFiles) {
    this.#folder = folder
    this.#files = files
  }

  progress(): string {
    return `workdir ${size(this.#packedBytes)} of ${size(this.#files.bytes)}`
  }

  /** What went wrong on this side, where anything did. */
  failure(): unknown {
    return this.#failure
  }

  async *bytes(): AsyncGenerator<Uint8Array> {
    const { packedBytesMax } = uploadLimits
    let sentBytes = 0
    try {
      for await (const chunk of this.#pack()) {
        sentBytes += chunk.byteLength
        if (sentBytes > packedBytesMax) throw this.#tooLarge(packedBytesMax)
        yield chunk
      }
    } catch (error) {
      this.#failure = error
      throw error
    }
  }

  #pack(): AsyncIterable<Uint8Array> {
    const { linkTargets, paths } = this.#files
    const pack = create(
      {
        cwd: this.#folder,
        gzip: true,
        portable: true,
        noDirRecurse: true,
        onWriteEntry: (entry) => {
          this.#packedBytes += entry.stat?.size ?? 0
          const target = linkTargets.get(`./${entry.path.replace(/^\.\//, '')}`)
          if (target !== undefined) entry.linkpath = target
        },
      },
      [...paths],
    )
    // Minipass is a stream of buffers in all but its type.
    return pack as AsyncIterable<Uint8Array>
  }

  #tooLarge(packedBytesMax: number): SkykeepError {
    return new SkykeepError(
      'INVALID_INPUT',
      `workdir: ${this.#folder} is over ${size(packedBytesMax)} when packed`,
      { hint: 'Leave large files out with a .skyignore in that folder, or name a smaller `workdir`.' },
    )
  }
}

async function send({ connection, token }: Session, folder: string, packing: Packing): Promise<string> {
  const response = await fetch(`${connection.url}/api/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/gzip' },
    // The same class under both names: Node's stream types and those of fetch differ only in what they declare.
    body: Readable.toWeb(Readable.from(packing.bytes())) as ReadableStream,
    duplex: 'half',
  }).catch((cause: unknown) => {
    throw brokenOff(folder, packing.failure() ?? cause)
  })
  const answer: unknown = await response.json().catch(() => null)
  const uploadId =
    typeof answer === 'object' && answer !== null && 'uploadId' in answer ? answer.uploadId : null
  if (response.ok && typeof uploadId === 'string') return uploadId
  throw (
    errorInAnswer(answer) ??
    new SkykeepError('UNAVAILABLE', `the working folder was not taken (HTTP ${response.status}): ${folder}`, {
      hint: 'Run the same command again; `skykeep system status` says what is wrong.',
    })
  )
}

function brokenOff(folder: string, cause: unknown): unknown {
  if (cause instanceof SkykeepError) return cause
  const file = cause instanceof Error && 'path' in cause ? String(cause.path) : undefined
  if (file !== undefined) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    return new SkykeepError('INVALID_INPUT', `workdir: ${file} cannot be read (${code})`, {
      hint: 'Make it readable for you, or leave it out with a line in .skyignore; then run the same command again.',
      cause,
    })
  }
  return new SkykeepError('UNAVAILABLE', `the transfer of the working folder ${folder} broke off`, {
    hint: 'Nothing was changed: run the same command again. If it fails again, see `skykeep system status`.',
    cause,
  })
}
