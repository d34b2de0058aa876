import { SkykeepError } from '@skykeep/core/errors'
import type { Page } from '@skykeep/core/views'

/** One page of a list, newest first. */
export interface PageRequest {
  /** 1 to 500; default 100. */
  readonly limit?: number
  /** `nextCursor` of the page before. */
  readonly cursor?: string
}

export const largestPage = 500
const defaultPage = 100

/** The asked size, within 1 to 500. */
export function pageSize(limit: number | undefined): number {
  return Math.min(Math.max(Math.trunc(limit ?? defaultPage), 1), largestPage)
}

interface Aged {
  readonly uid: string
  readonly createdAtMs: number
}

/** Where a page starts, as a filter for rows with a creation time and a uid, newest first. */
export function afterCursor(cursor: string | undefined): object {
  if (cursor === undefined) return {}
  const { createdAtMs, uid } = parseCursor(cursor)
  return { OR: [{ createdAtMs: { lt: createdAtMs } }, { createdAtMs, uid: { lt: uid } }] }
}

/** Whether an item comes after the cursor, newest first: for lists that are filtered outside of the database. */
export function isAfterCursor(item: Aged, cursor: string | undefined): boolean {
  if (cursor === undefined) return true
  const { createdAtMs, uid } = parseCursor(cursor)
  const at = BigInt(item.createdAtMs)
  return at < createdAtMs || (at === createdAtMs && item.uid < uid)
}

function parseCursor(cursor: string): { readonly createdAtMs: bigint; readonly uid: string } {
  const match = /^(\d{1,16})\.([0-9A-Za-z_-]{1,80})$/.exec(cursor)
  const [, atMs, uid] = match ?? []
  if (atMs === undefined || uid === undefined) {
    throw new SkykeepError('INVALID_INPUT', `not a cursor: ${cursor}`, {
      hint: 'Start again without a cursor.',
    })
  }
  return { createdAtMs: BigInt(atMs), uid }
}

export const newestFirst: [{ createdAtMs: 'desc' }, { uid: 'desc' }] = [
  { createdAtMs: 'desc' },
  { uid: 'desc' },
]

/** How many rows a list has: those of a first page that is the last one are counted already. */
export async function totalOf(
  rows: readonly unknown[],
  { cursor, limit }: PageRequest,
  count: () => Promise<number>,
): Promise<number> {
  return cursor === undefined && rows.length <= pageSize(limit) ? rows.length : await count()
}

/** Makes the page from up to `size + 1` rows: the one too many says that there is more. */
export function toPage<T extends Aged>(rows: readonly T[], size: number, total: number): Page<T> {
  const items = rows.slice(0, size)
  const last = items.at(-1)
  const nextCursor = rows.length > size && last !== undefined ? `${last.createdAtMs}.${last.uid}` : null
  return { items, nextCursor, total }
}
