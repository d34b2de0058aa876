import type { Database } from '@skykeep/db/handles'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets } from '@skykeep/db/service-secrets'
import { decryptSecret } from '@skykeep/secrets/cipher'
import { loadKeyRing, type KeySource } from '@skykeep/secrets/key-file'

/** Opens the secrets of one version. The key is read only where there is something to open: a lost key stops nothing else. */
export async function openServiceSecrets(
  database: Database,
  source: KeySource,
  { serviceUid, version }: { readonly serviceUid: string; readonly version: number },
): Promise<Readonly<Record<string, string>>> {
  const sealed = Object.entries(await getServiceSecrets(database, serviceUid, version))
  if (sealed.length === 0) return {}
  const ring = loadKeyRing(source)
  return Object.fromEntries(
    sealed.map(([name, text]) => [
      name,
      decryptSecret(ring, text, serviceSecretPlace(serviceUid, version, name)),
    ]),
  )
}
