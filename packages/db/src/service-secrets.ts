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
