import { isSkykeepError } from '@skykeep/core/errors'
import type { MasterKeyView } from '@skykeep/core/state-views'
import { listEvents } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import { verifyKeyCheck, type KeyRing } from '@skykeep/secrets/key-ring'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** Where the master key comes from, whether it is the right one, and when it was rotated. Never the key, nor anything made of it. */
export async function getMasterKey(context: ActionContext): Promise<MasterKeyView> {
  authorize(context.actor, 'system:read')
  const { db, state, keyRing } = context
  const { keyCheck } = await getInstallation(db)
  const [rotated] = await listEvents(db, { types: ['key.rotated'], limit: 1 })
  return { ...state.keyPlace, ...standing(keyRing, keyCheck), rotatedAtMs: rotated?.atMs ?? null }
}

type Standing = Pick<MasterKeyView, 'status' | 'problem' | 'hint' | 'version' | 'olderVersions'>

/** How the keys that are here compare with what the database was told of them. Throws what nobody expects of a key. */
function standing(keyRing: () => KeyRing, keyCheck: string | null): Standing {
  try {
    const { current, keys } = keyRing()
    const olderVersions = keys.map(({ version }) => version).filter((version) => version < current.version)
    if (keyCheck !== null) verifyKeyCheck({ current, keys }, keyCheck)
    const status = keyCheck === null ? 'unused' : 'ok'
    return { status, problem: null, hint: null, version: current.version, olderVersions }
  } catch (error) {
    if (!isSkykeepError(error, 'KEY_MISSING')) throw error
    const isLost = keyCheck !== null
    return {
      status: isLost ? 'lost' : 'unused',
      problem: isLost ? error.userMessage : null,
      hint: isLost ? (error.hint ?? null) : null,
      version: null,
      olderVersions: [],
    }
  }
}
