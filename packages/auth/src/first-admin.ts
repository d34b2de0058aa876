import { findFirstAdmin, insertUser, type User } from '@skykeep/db/users'
import type { AuthServices } from './auth-services.ts'

/** The first admin: made at the first start under the name of the operating system's user, found again ever after. */
export async function ensureFirstAdmin(auth: AuthServices, osUserName: string): Promise<User> {
  const known = await findFirstAdmin(auth.db)
  if (known !== null) return known
  const uid = auth.ids.uid('usr')
  return await auth.db.transaction(
    async (tx) =>
      (await findFirstAdmin(tx)) ?? (await insertUser(tx, { uid, name: osUserName, role: 'admin' })),
    { fence: auth.fence },
  )
}
