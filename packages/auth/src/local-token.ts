import { readFileSync, rmSync, statSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import { findToken, insertToken, revokeTokens } from '@skykeep/db/tokens'
import type { AuthServices } from './auth-services.ts'
import { secretHash } from './secret-hash.ts'

const localTokenName = 'local'

export interface LocalTokenFile {
  /** `keys/local-token` */
  readonly path: string
  /** Creates a file of mode 0600 whole and durably unless one exists (`createSecretFile` of the secrets package). */
  readonly create: (path: string, content: string) => boolean
}

/**
 * Makes sure that the command line on this machine has its token: the file is made once, and its hash stands in the database, also of a
 * restored one. A revoked token is replaced. Throws FORBIDDEN when others may read the file, and the file system's error.
 */
export async function ensureLocalToken(
  auth: AuthServices,
  userUid: string,
  file: LocalTokenFile,
): Promise<void> {
  file.create(file.path, `${auth.ids.secret()}\n`)
  const known = await findToken(auth.db, secretHash(readLocalToken(file.path)))
  if (known !== null && known.revokedAtMs === null) return
  if (known !== null) {
    rmSync(file.path)
    file.create(file.path, `${auth.ids.secret()}\n`)
  }
  const uid = auth.ids.uid('tok')
  const hash = secretHash(readLocalToken(file.path))
  await auth.db.transaction(
    async (tx) => {
      if ((await findToken(tx, hash)) !== null) return
      await revokeTokens(tx, userUid, localTokenName)
      await insertToken(tx, { uid, userUid, name: localTokenName, secretHash: hash })
    },
    { fence: auth.fence },
  )
}

/** The bearer token of the command line on this machine. Throws FORBIDDEN when others may read it, and the file system's error. */
export function readLocalToken(path: string): string {
  const mode = statSync(path).mode & 0o777
  if ((mode & 0o077) === 0) return readFileSync(path, 'utf8').trim()
  throw new SkykeepError('FORBIDDEN', `${path} has mode ${mode.toString(8)}`, {
    userMessage: `Others may read the token in ${path} (mode ${mode.toString(8)}).`,
    hint: `Run \`skykeep state doctor --fix\`, or \`chmod 600 ${path}\`.`,
  })
}
