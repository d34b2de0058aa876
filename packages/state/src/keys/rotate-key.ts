import { randomBytes } from 'node:crypto'
import type { Clock } from '@skykeep/core/clock'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { appendEvent } from '@skykeep/db/events'
import type { Database, Tx } from '@skykeep/db/handles'
import { getInstallation, setKeyCheck } from '@skykeep/db/installation'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import {
  listSealedSecrets,
  replaceSealedSecret,
  type SealedSecret,
  type SecretKey,
} from '@skykeep/db/service-secrets'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import { decryptSecret, encryptSecret, needsRotation } from '@skykeep/secrets/cipher'
import { type KeySource, loadKeyRing } from '@skykeep/secrets/key-file'
import { formatKeyRing, keyCheckValue, type KeyRing, rotate, verifyKeyCheck } from '@skykeep/secrets/key-ring'

export interface RotateSource {
  readonly keys: KeySource
  readonly databaseUrl: string
  readonly clock: Clock
  /** Told each step as it was done; tests stop there. */
  readonly onStep?: (step: RotateStep) => void | Promise<void>
}

export type RotateStep = 'key-written' | 'batch-encrypted' | 'verified' | 'recorded'

export interface Rotated {
  /** The new current key. */
  readonly version: number
  /** Secrets that are under it now and were not before this call. */
  readonly encrypted: number
  /** Secrets in all. */
  readonly secrets: number
  /** True: a rotation that was interrupted was brought to its end. */
  readonly wasResumed: boolean
}

const batchSize = 100

/**
 * Makes a new master key current and puts every secret under it, while everything goes on: the file holds both keys before the first secret is
 * touched, so that whoever reads it can open either. Interrupted anywhere, the next call goes on. The old key stays in the file.
 * @throws KEY_MISSING (the key is lost or another one), UNSUPPORTED (the key comes from the environment), NOT_FOUND (none is in use).
 */
export async function rotateKey(source: RotateSource): Promise<Rotated> {
  const database = await openDatabase({ url: source.databaseUrl, clock: source.clock })
  try {
    const { keyCheck } = await getInstallation(database)
    if (keyCheck === null) {
      throw new SkykeepError('NOT_FOUND', 'no master key is in use yet', { hint: 'Start Skykeep once.' })
    }
    const { ring, wasResumed } = await nextRing(source, keyCheck)
    const encrypted = await encryptAll(database, ring, source)
    const secrets = await verifyAll(database, ring)
    await source.onStep?.('verified')
    await fenced(database, async (tx) => {
      await setKeyCheck(tx, keyCheckValue(ring.current))
      const { uid } = await getInstallation(tx)
      await appendEvent(tx, {
        kind: 'system',
        uid,
        type: 'key.rotated',
        message: `Master key v${ring.current.version} is current; ${secrets} secrets are under it.`,
        payload: { version: ring.current.version, secrets },
        actor: 'command line',
      })
    })
    await source.onStep?.('recorded')
    return { version: ring.current.version, encrypted, secrets, wasResumed }
  } finally {
    await database.close()
  }
}

/** The ring with the key to rotate to: a fresh one, or the one that an interrupted call has written. */
async function nextRing(
  source: RotateSource,
  keyCheck: string,
): Promise<{ readonly ring: KeyRing; readonly wasResumed: boolean }> {
  const held = loadKeyRing(source.keys)
  verifyKeyCheck(held, keyCheck)
  if (!keyCheck.startsWith(`v${held.current.version}:`)) return { ring: held, wasResumed: true }
  const { given } = source.keys
  if (given !== undefined && given !== '') throw fromEnvironment(held.current.version)
  const ring = rotate(held, randomBytes(32))
  writeFileAtomic(source.keys.file, formatKeyRing(ring))
  await source.onStep?.('key-written')
  return { ring, wasResumed: false }
}

async function encryptAll(database: Database, ring: KeyRing, source: RotateSource): Promise<number> {
  let encrypted = 0
  for await (const batch of batches(database)) {
    const old = batch.filter(({ ciphertext }) => needsRotation(ring, ciphertext))
    if (old.length === 0) continue
    encrypted += await fenced(database, async (tx) => {
      let replaced = 0
      for (const secret of old) {
        const place = serviceSecretPlace(secret.serviceUid, secret.version, secret.name)
        const sealed = encryptSecret(ring, decryptSecret(ring, secret.ciphertext, place), place)
        if (await replaceSealedSecret(tx, secret, sealed)) replaced += 1
      }
      return replaced
    })
    await source.onStep?.('batch-encrypted')
  }
  return encrypted
}

/** Opens every secret. @returns how many there are. @throws KEY_MISSING that names the first that does not open. */
async function verifyAll(database: Database, ring: KeyRing): Promise<number> {
  let secrets = 0
  for await (const batch of batches(database)) {
    for (const { ciphertext, serviceUid, version, name } of batch)
      decryptSecret(ring, ciphertext, serviceSecretPlace(serviceUid, version, name))
    secrets += batch.length
  }
  return secrets
}

async function* batches(database: Database): AsyncGenerator<readonly SealedSecret[]> {
  let after: SecretKey | null = null
  for (;;) {
    const batch: readonly SealedSecret[] = await listSealedSecrets(database, after, batchSize)
    if (batch.length > 0) yield batch
    after = batch.at(-1) ?? null
    if (batch.length < batchSize) return
  }
}

/** A transaction of the installation as it is now; a plane that takes over in between costs one more try. */
async function fenced<T>(database: Database, work: (tx: Tx) => Promise<T>): Promise<T> {
  for (let attempt = 1; ; attempt += 1) {
    const { fence } = await getInstallation(database)
    try {
      return await database.transaction(work, { fence })
    } catch (error) {
      if (attempt === 5 || !isSkykeepError(error, 'FENCED')) throw error
    }
  }
}

function fromEnvironment(version: number): SkykeepError {
  return new SkykeepError(
    'UNSUPPORTED',
    'the master key comes from SKYKEEP_MASTER_KEY: no file to write a new one to',
    {
      hint: `Give the plane both, one a line, and start it anew: \`v${version + 1}:\` and a fresh key (openssl rand -base64 32), then \`v${version}:\` and the present one. Then run \`skykeep state rotate-key\` again with the same variable.`,
    },
  )
}
