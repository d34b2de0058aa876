import { createWriteStream } from 'node:fs'
import { open, readdir, rename, rm, stat } from 'node:fs/promises'
import { join } from 'node:path'
import { Readable, Transform } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { asStorageError } from './storage-error.ts'
import { uploadFile } from './upload-file.ts'

/**
 * Stores a packed working folder (tar, gzip or not) and returns the id to name in `services.up`. The content is looked at only when it is
 * used. Throws INVALID_INPUT above the size limits, STORAGE_DEGRADED when the disk fails; a broken transfer leaves nothing behind.
 */
export async function receiveUpload(
  context: ActionContext,
  body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>,
): Promise<{ readonly uploadId: string }> {
  authorize(context.actor, 'upload:write')
  const { uploadsDir } = context.paths
  const { packedBytesMax, waitingBytesMax } = context.uploadLimits
  const waiting = await removeStale(context)
  const room = Math.min(packedBytesMax, waitingBytesMax - waiting)
  const uploadId = context.ids.uid('upl')
  const file = uploadFile(uploadsDir, context.actor.userUid, uploadId)
  const part = `${file}.part`
  try {
    await pipeline(
      Readable.from(body),
      atMost(room),
      createWriteStream(part, { flags: 'wx', mode: 0o600, flush: true }),
    )
    await rename(part, file)
    const folder = await open(uploadsDir, 'r')
    await folder.sync().finally(() => folder.close())
  } catch (error) {
    await rm(part, { force: true })
    throw asStorageError(error)
  }
  return { uploadId }
}

function atMost(bytesMax: number): Transform {
  let bytes = 0
  return new Transform({
    transform(chunk: Uint8Array, _encoding, done) {
      bytes += chunk.byteLength
      if (bytes <= bytesMax) return done(null, chunk)
      done(
        new SkykeepError('INVALID_INPUT', `upload over ${bytesMax} bytes`, {
          userMessage: `The packed working folder is larger than ${Math.floor(bytesMax / 1024 ** 2)} MiB.`,
          hint: 'Leave large files out with a .skyignore file in the working folder.',
        }),
      )
    },
  })
}

/** Removes what nobody used in time; returns the bytes of what is left. */
async function removeStale(context: ActionContext): Promise<number> {
  const { uploadsDir } = context.paths
  let bytes = 0
  for (const name of await readdir(uploadsDir)) {
    const file = join(uploadsDir, name)
    const found = await stat(file).catch(() => null)
    if (found === null) continue
    if (context.clock.now() - found.mtimeMs > context.uploadLimits.unusedMs) await rm(file, { force: true })
    else bytes += found.size
  }
  return bytes
}
