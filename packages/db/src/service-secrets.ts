import type { Db, Tx } from './handles.ts'

/** Stores the encrypted values of a version, by name. */
export async function insertServiceSecrets(
  tx: Tx,
  version: { readonly serviceUid: string; readonly version: number },
  ciphertexts: Readonly<Record<string, string>>,
): Promise<void> {
  const { serviceUid, version: number } = version
  await tx.client.serviceSecret.createMany({
    data: Object.entries(ciphertexts).map(([name, ciphertext]) => ({
      serviceUid,
      version: number,
      name,
      ciphertext,
    })),
  })
}

/** The encrypted values of a version, by name. */
export async function getServiceSecrets(
  db: Db,
  serviceUid: string,
  version: number,
): Promise<Record<string, string>> {
  const rows = await db.client.serviceSecret.findMany({
    where: { serviceUid, version },
    orderBy: { name: 'asc' },
  })
  return Object.fromEntries(rows.map((row) => [row.name, row.ciphertext]))
}

/** True while any secret is stored: the master key is needed then. */
export async function hasSecrets(db: Db): Promise<boolean> {
  return (await db.client.serviceSecret.findFirst({ select: { name: true } })) !== null
}

/** Names one stored secret. */
export interface SecretKey {
  readonly serviceUid: string
  readonly version: number
  readonly name: string
}

export interface SealedSecret extends SecretKey {
  readonly ciphertext: string
}

/** Every stored secret after the given one, in order of its key. @param limit 1 to 1000. */
export async function listSealedSecrets(
  db: Db,
  after: SecretKey | null,
  limit: number,
): Promise<readonly SealedSecret[]> {
  return await db.client.serviceSecret.findMany({
    ...(after === null ? {} : { cursor: { serviceUid_version_name: { ...pickKey(after) } }, skip: 1 }),
    orderBy: [{ serviceUid: 'asc' }, { version: 'asc' }, { name: 'asc' }],
    take: Math.min(Math.max(Math.trunc(limit), 1), 1000),
  })
}

/** Replaces a ciphertext that is still the one that was read; false, and nothing is changed, when it is not. */
export async function replaceSealedSecret(
  tx: Tx,
  { ciphertext, ...key }: SealedSecret,
  replacement: string,
): Promise<boolean> {
  const where = { ...pickKey(key), ciphertext }
  const { count } = await tx.client.serviceSecret.updateMany({ where, data: { ciphertext: replacement } })
  return count === 1
}

function pickKey({ serviceUid, version, name }: SecretKey): SecretKey {
  return { serviceUid, version, name }
}
