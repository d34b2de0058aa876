import type { Db } from '@skykeep/db/handles'
import { userNames } from '@skykeep/db/users'

/** The rows as people see them: in `field` the name of the user for the uid; a uid that nobody has stays. */
export async function withUserNames<K extends string, T extends Readonly<Record<K, string>>>(
  db: Db,
  rows: readonly T[],
  field: K,
): Promise<readonly T[]> {
  const names = await userNames(
    db,
    rows.map((row) => row[field]),
  )
  return rows.map((row) => ({ ...row, [field]: names.get(row[field]) ?? row[field] }))
}
