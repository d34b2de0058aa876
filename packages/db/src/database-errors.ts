import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'

/** SQLite and PostgreSQL codes by what they mean for a caller. Source: sqlite.org/rescode.html, PostgreSQL appendix A. */
const storageCode =
  /^(SQLITE_(FULL|READONLY|IOERR|CANTOPEN|CORRUPT|NOTADB|PERM)|ENOSPC|EROFS|EIO|EDQUOT|53100$|25006$|58030$|XX00[12]$)/
const storageMessage = /^Cannot open database because the directory does not exist/
const busyCode =
  /^(SQLITE_(BUSY|LOCKED|PROTOCOL)|55P03$|57P0[1-5]$|08...$|53300$|25P03$|57014$|E(CONN|PIPE|TIMEDOUT|AI_)|P1001$|P1002$|P1008$|P1017$|P2024$|P2028$|P2034$|40001$|40P01$)/
const busyMessage =
  /Connection terminated|connection is closed|server closed the connection|Can't reach database server|timeout exceeded when trying to connect/i

/** Every code and message that an error and its causes carry, outermost first. */
function* facts(error: unknown, depth = 0): Generator<{ code: string; message: string }> {
  if (typeof error !== 'object' || error === null || depth > 6) return
  const fields: Readonly<Record<string, unknown>> = { ...error }
  const message = error instanceof Error ? error.message : fields['message']
  for (const code of [fields['code'], fields['originalCode']]) {
    yield { code: typeof code === 'string' ? code : '', message: typeof message === 'string' ? message : '' }
  }
  const meta = fields['meta']
  if (typeof meta === 'object' && meta !== null) yield* facts({ cause: Object.values(meta) }, depth + 1)
  const cause = error instanceof Error ? error.cause : fields['cause']
  for (const inner of Array.isArray(cause) ? cause : [cause]) yield* facts(inner, depth + 1)
}

function carries(error: unknown, code: RegExp, message?: RegExp): boolean {
  for (const fact of facts(error)) {
    if (code.test(fact.code)) return true
    if (message?.test(fact.message) === true) return true
  }
  return false
}

/** True when another writer held the database: nothing was done and the same statement may be tried again. */
export function isBusy(error: unknown): boolean {
  return carries(error, /^SQLITE_BUSY/)
}

/** True when the whole transaction lost a race and may run again. */
export function isLostRace(error: unknown): boolean {
  return carries(error, /^(P2034|40001|40P01)$/)
}

/** Turns whatever the database threw into the one error type; an error of ours passes unchanged. */
export function toDatabaseError(error: unknown): SkykeepError {
  if (isSkykeepError(error)) return error
  const text = error instanceof Error ? error.message.trim() : String(error)
  if (carries(error, storageCode, storageMessage)) {
    return new SkykeepError('STORAGE_DEGRADED', `the database cannot be written or read: ${text}`, {
      userMessage:
        'The disk under the persistent path refuses to be written or read (full, read-only or failing).',
      hint: 'Free space or repair the disk, then nothing else is needed; `skykeep state doctor` names the fault.',
      cause: error,
    })
  }
  if (carries(error, /^P2002$/)) {
    return new SkykeepError('ALREADY_EXISTS', `a row with the same key exists: ${text}`, {
      userMessage: 'Something with that name or number exists already.',
      cause: error,
    })
  }
  if (carries(error, /^P2025$/))
    return new SkykeepError('NOT_FOUND', `no such row: ${text}`, { cause: error })
  if (carries(error, busyCode, busyMessage)) {
    return new SkykeepError('UNAVAILABLE', `the database did not answer in time: ${text}`, {
      userMessage: 'The database is busy or not reachable.',
      hint: 'Try again; `skykeep state doctor` names what holds it.',
      cause: error,
    })
  }
  return new SkykeepError('INTERNAL', `unexpected database error: ${text}`, {
    userMessage: 'Something went wrong inside Skykeep.',
    cause: error,
  })
}
