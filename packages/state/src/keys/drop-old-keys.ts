import type { Clock } from '@skykeep/core/clock'
import { SkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { listEvents } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import { listSealedSecrets, type SealedSecret, type SecretKey } from '@skykeep/db/service-secrets'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import type { Layout } from '@skykeep/persistent-path/layout'
import { sealedVersion } from '@skykeep/secrets/cipher'
import { loadKeyRing } from '@skykeep/secrets/key-file'
import { formatKeyRing, verifyKeyCheck } from '@skykeep/secrets/key-ring'
import { listBackups } from '../backup/backup-files.ts'

export interface KeyNeed {
  readonly version: number
  readonly isCurrent: boolean
  /** Secrets in the database that are under it. */
  readonly secrets: number
  /** Backups of the path's own folder that need it. */
  readonly backups: readonly string[]
}

export interface DropSource {
  readonly layout: Layout
  /** Value of SKYKEEP_MASTER_KEY, if set. */
  readonly given: string | undefined
  readonly databaseUrl: string
  readonly clock: Clock
}

/** A request that read the old key before the rotation has stored what it sealed with it long before. */
const settleMs = 60_000

/** Which keys are here, and what needs each. @throws KEY_MISSING */
export async function keyNeeds(source: DropSource): Promise<readonly KeyNeed[]> {
  const ring = loadKeyRing({ file: source.layout.masterKey, given: source.given })
  const secrets = await secretsByVersion(source)
  const backups = await listBackups(source.layout.backupsDir)
  return ring.keys.map(({ version }) => ({
    version,
    isCurrent: version === ring.current.version,
    secrets: secrets.get(version) ?? 0,
    backups: backups
      .filter(
        ({ head }) => head?.keyVersion === version || head?.secretKeyVersions.includes(version) === true,
      )
      .map(({ file }) => file),
  }))
}

/**
 * Removes keys from the key file that neither a secret nor a backup in backups/ needs. Rotates nothing. @returns what was dropped.
 * @throws UNSUPPORTED (environment), CONFLICT (a rotation did not come to its end, or ended less than a minute ago), KEY_MISSING.
 */
export async function dropOldKeys(source: DropSource): Promise<readonly number[]> {
  if (source.given !== undefined && source.given !== '') {
    throw new SkykeepError(
      'UNSUPPORTED',
      'the master key comes from SKYKEEP_MASTER_KEY: no file to drop one from',
      {
        hint: 'Leave the line of the old key out of the variable once nothing needs it (`skykeep state doctor` says).',
      },
    )
  }
  await requireSettled(source)
  const needs = await keyNeeds(source)
  const dropped = needs.filter(
    ({ isCurrent, secrets, backups }) => !isCurrent && secrets === 0 && backups.length === 0,
  )
  if (dropped.length === 0) return []
  const versions = new Set(dropped.map(({ version }) => version))
  const ring = loadKeyRing({ file: source.layout.masterKey })
  const keys = ring.keys.filter(({ version }) => !versions.has(version))
  writeFileAtomic(source.layout.masterKey, formatKeyRing({ current: ring.current, keys }))
  return [...versions]
}

async function requireSettled({ layout, databaseUrl, clock }: DropSource): Promise<void> {
  const database = await openDatabase({ url: databaseUrl, clock })
  try {
    const { keyCheck } = await getInstallation(database)
    const ring = loadKeyRing({ file: layout.masterKey })
    if (keyCheck !== null) verifyKeyCheck(ring, keyCheck)
    if (keyCheck?.startsWith(`v${ring.current.version}:`) !== true) {
      throw new SkykeepError('CONFLICT', 'a rotation of the key did not come to its end', {
        hint: 'Run `skykeep state rotate-key` first.',
      })
    }
    const [last] = await listEvents(database, { types: ['key.rotated'], limit: 1 })
    if (last !== undefined && Math.abs(clock.now() - last.atMs) < settleMs) {
      throw new SkykeepError(
        'CONFLICT',
        'the key was rotated less than a minute ago: the old one may still be in use',
        {
          hint: 'Run it again in a minute.',
        },
      )
    }
  } finally {
    await database.close()
  }
}

async function secretsByVersion({ databaseUrl, clock }: DropSource): Promise<ReadonlyMap<number, number>> {
  const counts = new Map<number, number>()
  const database = await openDatabase({ url: databaseUrl, clock })
  try {
    let after: SecretKey | null = null
    for (;;) {
      const batch: readonly SealedSecret[] = await listSealedSecrets(database, after, 500)
      for (const { ciphertext } of batch) {
        const version = sealedVersion(ciphertext) ?? 0
        counts.set(version, (counts.get(version) ?? 0) + 1)
      }
      after = batch.at(-1) ?? null
      if (batch.length < 500) return counts
    }
  } finally {
    await database.close()
  }
}
