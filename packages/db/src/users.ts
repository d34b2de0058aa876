import { roles, type Role } from '@skykeep/core/actor'
import type { Prisma } from './generated/sqlite/client.ts'
import { notFound } from './guard.ts'
import type { Db, Tx } from './handles.ts'
import { fromMs, toMs } from './milliseconds.ts'

export interface User {
  readonly uid: string
  readonly name: string
  readonly role: Role
  readonly createdAtMs: number
}

/** Creates a user. @throws ALREADY_EXISTS for a name that is taken. */
export async function insertUser(tx: Tx, user: Omit<User, 'createdAtMs'>): Promise<User> {
  const { uid, name, role } = user
  const row = await tx.client.user.create({
    data: { uid, name, role: storedRole[role], createdAtMs: fromMs(tx.clock.now()) },
  })
  return toUser(row)
}

/** @throws NOT_FOUND */
export async function getUser(db: Db, uid: string): Promise<User> {
  const row = await db.client.user.findUnique({ where: { uid } })
  if (row === null) throw notFound(`user ${uid}`)
  return toUser(row)
}

/** The oldest admin, or null before the first start. */
export async function findFirstAdmin(db: Db): Promise<User | null> {
  const row = await db.client.user.findFirst({
    where: { role: storedRole.admin },
    orderBy: [{ createdAtMs: 'asc' }, { uid: 'asc' }],
  })
  return row && toUser(row)
}

/** Names of users by uid; a uid that nobody has is left out. */
export async function userNames(db: Db, uids: readonly string[]): Promise<ReadonlyMap<string, string>> {
  const rows = await db.client.user.findMany({
    where: { uid: { in: [...new Set(uids)] } },
    select: { uid: true, name: true },
  })
  return new Map(rows.map((row) => [row.uid, row.name]))
}

/** Uids of the users whose name has that part, at most 100; the case counts where the database lets it. */
export async function userUidsNamed(db: Db, part: string): Promise<readonly string[]> {
  const rows = await db.client.user.findMany({
    where: { name: { contains: part } },
    select: { uid: true },
    take: 100,
  })
  return rows.map(({ uid }) => uid)
}

const storedRole = { admin: 'ADMIN', user: 'USER', viewer: 'VIEWER' } as const satisfies Record<Role, string>

export function toUser(row: Prisma.UserGetPayload<object>): User {
  const role = roles.find((role) => storedRole[role] === row.role) ?? 'viewer'
  return { uid: row.uid, name: row.name, role, createdAtMs: toMs(row.createdAtMs) }
}
