import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets } from '@skykeep/db/service-secrets'
import { decryptSecret, encryptSecret } from '@skykeep/secrets/cipher'
import type { VersionKey } from '@skykeep/db/service-versions'
import type { ActionServices } from '../context.ts'

type Values = Readonly<Record<string, string>>

/** The values as they are stored for one version, by name. Throws KEY_MISSING; without a secret no key is asked for. */
export function sealSecrets(
  { keyRing }: Pick<ActionServices, 'keyRing'>,
  { serviceUid, version }: VersionKey,
  secrets: Values,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      encryptSecret(keyRing(), value, serviceSecretPlace(serviceUid, version, name)),
    ]),
  )
}

/** The values of a stored version, to compare or to seal them anew; never to be shown. Throws KEY_MISSING. */
export async function openSecrets(
  { db, keyRing }: Pick<ActionServices, 'db' | 'keyRing'>,
  { serviceUid, version }: VersionKey,
): Promise<Record<string, string>> {
  const sealed = await getServiceSecrets(db, serviceUid, version)
  return Object.fromEntries(
    Object.entries(sealed).map(([name, text]) => [
      name,
      decryptSecret(keyRing(), text, serviceSecretPlace(serviceUid, version, name)),
    ]),
  )
}
