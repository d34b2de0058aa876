import { readFileSync } from 'node:fs'
import { isSkykeepError } from '@skykeep/core/errors'
import { loadKeyRing } from '@skykeep/secrets/key-file'
import { type KeyRing, keyMissing, parseKeyRing } from '@skykeep/secrets/key-ring'
import type { Place } from '../client/plane.ts'
import type { CliEnv } from '../env.ts'

/** The master key of this path, from the environment or its file; undefined where there is none that can be read. */
export function findKeys(env: CliEnv, place: Place): KeyRing | undefined {
  try {
    return loadKeyRing({ file: place.layout.masterKey, given: env.all['SKYKEEP_MASTER_KEY'] })
  } catch (error) {
    if (isSkykeepError(error, 'KEY_MISSING')) return undefined
    throw error
  }
}

/** The master key in a file that a person names. Throws KEY_MISSING that names it. */
export function readKeyFile(file: string): KeyRing {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    throw keyMissing(`--key-file ${file} cannot be read`, cause)
  }
  return parseKeyRing(text, file)
}
