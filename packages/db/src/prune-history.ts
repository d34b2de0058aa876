import type { Prisma } from './generated/sqlite/client.ts'
import type { Db, Tx } from './handles.ts'

/** Rows that one transaction of retention removes at most. */
export const pruneBatch = 500

/** What is kept of a service as one row a moment. */
export type History = 'decisions' | 'recoveryReports' | 'rollouts' | 'drills'

export interface ServiceSurplus {
  readonly serviceUid: string
  /** How many of the newest stay. */
  readonly keep: number
}

/** The services that have more than `keep` rows of that history. */
export async function crowdedServices(db: Db, history: History, keep: number): Promise<string[]> {
  const groups = await tables[history].crowded(db, keep)
  return groups.map(({ serviceUid }) => serviceUid)
}

/** The rows beyond the newest `keep` of one service, at most 500; what is under way is not among them. */
export async function surplusRows(db: Db, history: History, of: ServiceSurplus): Promise<string[]> {
  const page = { skip: of.keep, take: pruneBatch, select: { uid: true } } as const
  return (await tables[history].find(db, of.serviceUid, page)).map(({ uid }) => uid)
}

/** Removes rows of a history, at most 500 a call; one that is under way stays. @returns how many went. */
export async function deleteHistory(tx: Tx, history: History, uids: readonly string[]): Promise<number> {
  return (await tables[history].remove(tx, { in: uids.slice(0, pruneBatch) })).count
}

interface PageOfUids {
  readonly skip: number
  readonly take: number
  readonly select: { readonly uid: true }
}

interface HistoryTable {
  crowded(db: Db, keep: number): PromiseLike<readonly { readonly serviceUid: string }[]>
  /** Newest first. */
  find(db: Db, serviceUid: string, page: PageOfUids): PromiseLike<readonly { readonly uid: string }[]>
  remove(tx: Tx, uid: { in: string[] }): PromiseLike<{ readonly count: number }>
}

const latestFirst = [{ atMs: 'desc' as const }, { uid: 'desc' as const }]
const endedRollout: Prisma.RolloutWhereInput = { status: { in: ['SUCCEEDED', 'ROLLED_BACK', 'SUPERSEDED'] } }
const endedDrill: Prisma.DrillWhereInput = { status: { in: ['SUCCEEDED', 'FAILED'] } }

const tables: Readonly<Record<History, HistoryTable>> = {
  decisions: {
    async crowded({ client }, gt) {
      const groups = await client.scalingDecision.groupBy({
        by: ['serviceUid'],
        having: { serviceUid: { _count: { gt } } },
      })
      return groups
    },
    find: ({ client }, serviceUid, page) =>
      client.scalingDecision.findMany({ where: { serviceUid }, orderBy: latestFirst, ...page }),
    remove: ({ client }, uid) => client.scalingDecision.deleteMany({ where: { uid } }),
  },
  recoveryReports: {
    async crowded({ client }, gt) {
      const groups = await client.recoveryReport.groupBy({
        by: ['serviceUid'],
        having: { serviceUid: { _count: { gt } } },
      })
      return groups
    },
    find: ({ client }, serviceUid, page) =>
      client.recoveryReport.findMany({ where: { serviceUid }, orderBy: latestFirst, ...page }),
    remove: ({ client }, uid) => client.recoveryReport.deleteMany({ where: { uid } }),
  },
  rollouts: {
    async crowded({ client }, gt) {
      const groups = await client.rollout.groupBy({
        by: ['serviceUid'],
        having: { serviceUid: { _count: { gt } } },
      })
      return groups
    },
    find: ({ client }, serviceUid, page) =>
      client.rollout.findMany({
        where: { serviceUid, ...endedRollout },
        orderBy: [{ createdAtMs: 'desc' }, { uid: 'desc' }],
        ...page,
      }),
    remove: ({ client }, uid) => client.rollout.deleteMany({ where: { uid, ...endedRollout } }),
  },
  drills: {
    async crowded({ client }, gt) {
      const groups = await client.drill.groupBy({
        by: ['serviceUid'],
        having: { serviceUid: { _count: { gt } } },
      })
      return groups
    },
    find: ({ client }, serviceUid, page) =>
      client.drill.findMany({
        where: { serviceUid, ...endedDrill },
        orderBy: [{ startedAtMs: 'desc' }, { uid: 'desc' }],
        ...page,
      }),
    remove: ({ client }, uid) => client.drill.deleteMany({ where: { uid, ...endedDrill } }),
  },
}
