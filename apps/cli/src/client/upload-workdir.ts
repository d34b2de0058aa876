import { existsSync, statSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { create } from 'tar'
import { SkykeepError } from '@skykeep/core/errors'

interface Workdir {
  /** As written in the YAML. */
  readonly written: string
  /** Folder of the caller: SkyPilot resolves against it. */
  readonly cwd: string
  /** Folder of the YAML file: looked at second, so that an example works from anywhere. */
  readonly yamlDir: string
}

/** The absolute folder that `workdir` means. Throws INVALID_INPUT where neither place has it. */
export function resolveWorkdir({ written, cwd, yamlDir }: Workdir): string {
  const candidates = [path.resolve(cwd, written), path.resolve(yamlDir, written)]
  const found = candidates.find((folder) => existsSync(folder) && statSync(folder).isDirectory())
  if (found !== undefined) return found
  throw new SkykeepError('INVALID_INPUT', `workdir: ${written}: no such folder`, {
    hint: `Looked at ${[...new Set(candidates)].join(' and ')}. Give a folder relative to where you run the command, or an absolute one.`,
  })
}

const neverSent = new Set(['.git', 'node_modules', '.DS_Store'])

/** Sends the folder as a tar stream; returns the upload's id. Leaves out .git and node_modules. */
export async function uploadWorkdir(url: string, token: string, folder: string): Promise<string> {
  const pack = create(
    { cwd: folder, gzip: true, portable: true, filter: (name) => !neverSent.has(path.basename(name)) },
    ['.'],
  )
  // Minipass is a readable stream in all but its type.
  const body = Readable.toWeb(Readable.from(pack as AsyncIterable<Uint8Array>)) as ReadableStream
  const response = await fetch(`${url}/api/uploads`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/gzip' },
    body,
    duplex: 'half',
  })
  const answer: unknown = await response.json().catch(() => null)
  const uploadId =
    typeof answer === 'object' && answer !== null && 'uploadId' in answer ? answer.uploadId : null
  if (response.ok && typeof uploadId === 'string') return uploadId
  throw new SkykeepError(
    'INVALID_INPUT',
    `the working folder was refused (HTTP ${response.status}): ${folder}`,
    {
      hint: messageOf(answer) ?? 'Make the folder smaller, or leave files out of it.',
    },
  )
}

function messageOf(answer: unknown): string | undefined {
  if (typeof answer !== 'object' || answer === null) return undefined
  const { message, hint } = answer as { message?: unknown; hint?: unknown }
  const parts = [message, hint].filter((part) => typeof part === 'string')
  return parts.length > 0 ? parts.join(' ') : undefined
}
