import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceSort } from '@skykeep/core/traffic'
import type { Page, ServiceSummary } from '@skykeep/core/views'

const valueOf: Readonly<Record<Exclude<ServiceSort, 'name'>, (service: ServiceSummary) => number>> = {
  requests: ({ traffic }) => traffic?.requestsPerSecond ?? 0,
  errors: ({ traffic }) => (traffic?.errorShare ?? 0) * (traffic?.requestsPerSecond ?? 0),
  p95: ({ traffic }) => traffic?.p95Ms ?? 0,
  replicas: ({ readyReplicas }) => readyReplicas,
}

/** Services in that order; those that are alike by name. Pure. */
export function sortedServices(
  services: readonly ServiceSummary[],
  sort: ServiceSort,
): readonly ServiceSummary[] {
  const byName = services.toSorted((a, b) => a.name.localeCompare(b.name, 'en'))
  if (sort === 'name') return byName
  const value = valueOf[sort]
  return byName.toSorted((a, b) => value(b) - value(a))
}

/** One page of a list that has no order in the database: its cursor is a place. Throws INVALID_INPUT. Pure. */
export function pageAt<T>(items: readonly T[], limit: number, cursor: string | undefined): Page<T> {
  const at = cursor === undefined ? 0 : placeIn(cursor)
  const end = at + limit
  return {
    items: items.slice(at, end),
    nextCursor: end < items.length ? `at.${end}` : null,
    total: items.length,
  }
}

function placeIn(cursor: string): number {
  const place = /^at\.(\d{1,9})$/.exec(cursor)?.[1]
  if (place !== undefined) return Number(place)
  throw new SkykeepError('INVALID_INPUT', `not a cursor of a sorted list: ${cursor}`, {
    hint: 'Start again without a cursor.',
  })
}
