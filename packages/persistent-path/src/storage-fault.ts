import { SkykeepError } from '@skykeep/core/errors'

const faults: Readonly<Record<string, string>> = {
  ENOSPC: 'the disk is full',
  EDQUOT: 'the quota is used up',
  EROFS: 'the file system is read-only',
  EIO: 'the disk reports input/output errors',
}

/** The code of a fault of the storage under us (ENOSPC, EDQUOT, EROFS, EIO); undefined for any other error. */
export function storageFaultOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'code' in error ? error.code : undefined
  if (typeof code === 'string' && Object.hasOwn(faults, code)) return code
  return sqliteFaultOf(error)
}

export function isStorageFault(error: unknown): boolean {
  return storageFaultOf(error) !== undefined
}

/** What a fault means, for people. */
export function describeStorageFault(code: string): string {
  return faults[code] ?? code
}

/** STORAGE_DEGRADED for a fault, naming what could not be written. */
export function storageError(error: unknown, what: string): SkykeepError {
  const meaning = describeStorageFault(storageFaultOf(error) ?? 'unknown fault')
  return new SkykeepError('STORAGE_DEGRADED', `${what}: ${meaning}`, {
    cause: error,
    hint: 'Free space, or remount it writable; everything goes on by itself then.',
  })
}

/** SQLite's primary result codes (sqlite.org/rescode.html), as node:sqlite reports them in `errcode`. */
function sqliteFaultOf(error: unknown): string | undefined {
  const code = error instanceof Error && 'errcode' in error ? error.errcode : undefined
  if (typeof code !== 'number') return undefined
  const byPrimary: Readonly<Record<number, string>> = { 8: 'EROFS', 10: 'EIO', 13: 'ENOSPC' }
  return byPrimary[code & 0xff]
}
