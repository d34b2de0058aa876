import { SkykeepError } from '@skykeep/core/errors'

const storageCodes = new Set(['ENOSPC', 'EDQUOT', 'EROFS', 'EIO', 'EMFILE', 'ENFILE'])

/** STORAGE_DEGRADED for a fault of the disk under the persistent path; anything else comes back as it is. */
export function asStorageError(error: unknown): unknown {
  if (!(error instanceof Error) || !('code' in error)) return error
  const code = String(error.code)
  if (!storageCodes.has(code)) return error
  return new SkykeepError('STORAGE_DEGRADED', `cannot write under the persistent path: ${code}`, {
    userMessage: `The persistent path cannot be written (${code}). What runs goes on.`,
    hint: 'Free some space or repair the disk, then run the same command again; `skykeep state doctor` says what is wrong.',
    cause: error,
  })
}
