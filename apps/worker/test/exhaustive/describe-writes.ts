import type { DescribeWrites } from '@skykeep/testing/simulation/database'
import type { SideDoor } from '@skykeep/testing/simulation/image'

interface EventRow {
  readonly seq: number
  readonly kind: string
  readonly uid: string
  readonly type: string
  readonly from_status: string | null
  readonly to_status: string | null
  readonly payload: string
}

/** A write is called by the events that it brought, or by the tables that it touched. */
export function describeWrites(sideDoor: SideDoor): DescribeWrites {
  let seen = 0
  return (models) => {
    const rows = sideDoor.all<EventRow>('SELECT * FROM events WHERE seq > ? ORDER BY seq', seen)
    const last = sideDoor.all<{ seq: number }>('SELECT coalesce(max(seq), 0) AS seq FROM events')[0]?.seq ?? 0
    // Another world has begun: the log is shorter than it was.
    const fresh = last < seen ? sideDoor.all<EventRow>('SELECT * FROM events WHERE seq = ?', last) : rows
    seen = last
    if (fresh.length === 0) return [...new Set(models)].toSorted().join(', ')
    return [...new Set(fresh.map(nameOf))].join(', ')
  }
}

function nameOf({ kind, type, from_status, to_status, payload }: EventRow): string {
  const number: unknown = Reflect.get(Object(JSON.parse(payload)), 'replicaId')
  const who = typeof number === 'number' ? `${kind} ${number}` : kind
  return type === 'status.changed' ? `${who} ${from_status ?? ''}→${to_status ?? ''}` : `${who} ${type}`
}
