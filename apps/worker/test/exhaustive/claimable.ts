/** What a worker's engine looks at in the table of reconciliations. */
interface ReconciliationRow {
  readonly kind: string
  readonly lease_owner: string | null
  readonly claim_count: number
  readonly set_aside_reason: string | null
  readonly next_reconcile_at_ms: number | null
  readonly scheduled_at_ms: number
}

/** Rows of a kind that are due, or whose holder may be dead. */
export interface Claimable {
  readonly kind: string
  readonly isSuspect: boolean
}

/** What this owner could claim at this wall time: by kind, and what is suspect last. */
export function claimable(
  rows: readonly ReconciliationRow[],
  owner: string,
  wallMs: number,
): readonly Claimable[] {
  const found = new Map<string, Claimable>()
  for (const row of rows) {
    if (!isClaimable(row, owner, wallMs)) continue
    const isSuspect = row.lease_owner !== null || row.claim_count > 0
    found.set(`${row.kind} ${isSuspect ? 1 : 0}`, { kind: row.kind, isSuspect })
  }
  return [...found].toSorted(([one], [other]) => (one < other ? -1 : 1)).map(([, row]) => row)
}

function isClaimable(row: ReconciliationRow, owner: string, wallMs: number): boolean {
  const { set_aside_reason, lease_owner, next_reconcile_at_ms: dueMs, scheduled_at_ms: scheduledMs } = row
  if (set_aside_reason !== null || lease_owner === owner) return false
  if (lease_owner !== null) return true
  // A clock that was set back makes due what was put off by the later time.
  return dueMs !== null && (dueMs <= wallMs || scheduledMs > wallMs + 1_000)
}

/** When the next row is due, by wall time (null: none), and whether some row's holder may be dead. */
export function outlook(
  rows: readonly ReconciliationRow[],
  owner: string,
): { readonly dueMs: number | null; readonly hasSuspect: boolean } {
  let dueMs: number | null = null
  let hasSuspect = false
  for (const { set_aside_reason, lease_owner, claim_count, next_reconcile_at_ms } of rows) {
    if (set_aside_reason !== null) continue
    if (lease_owner === null ? claim_count > 0 : lease_owner !== owner) hasSuspect = true
    if (lease_owner !== null || claim_count > 0 || next_reconcile_at_ms === null) continue
    dueMs = Math.min(dueMs ?? next_reconcile_at_ms, next_reconcile_at_ms)
  }
  return { dueMs, hasSuspect }
}
