import type { Claim, ClaimRequest, ReconcileStore, Settlement } from '../src/store.ts'

export interface MemoryRow {
  readonly kind: string
  readonly uid: string
  dueAtMs: number | null
  token: number
  isHeld: boolean
  claimCount: number
  failureCount: number
  setAside: string | null
}

/** A store in memory with the rules of the real one; `isBroken` makes every call throw, as a full disk does. */
export class MemoryStore implements ReconcileStore {
  readonly rows: MemoryRow[] = []
  readonly settlements: { readonly uid: string; readonly settlement: Settlement }[] = []
  readonly spreads: number[] = []
  calls = 0
  isBroken = false

  add(kind: string, uid: string, fields: Partial<MemoryRow> = {}): MemoryRow {
    const row: MemoryRow = {
      kind,
      uid,
      dueAtMs: 0,
      token: 0,
      isHeld: false,
      claimCount: 0,
      failureCount: 0,
      setAside: null,
      ...fields,
    }
    this.rows.push(row)
    return row
  }

  async claimDue(kind: string, request: ClaimRequest): Promise<readonly Claim[]> {
    this.#call()
    const now = Date.now()
    const due = this.rows.filter(
      (row) =>
        row.kind === kind &&
        !row.isHeld &&
        row.setAside === null &&
        row.dueAtMs !== null &&
        row.dueAtMs <= now &&
        row.claimCount > 0 === request.suspects,
    )
    return due.slice(0, request.limit).map((row) => {
      row.isHeld = true
      row.token += 1
      row.claimCount += 1
      row.dueAtMs = null
      return {
        kind,
        uid: row.uid,
        token: row.token,
        claimCount: row.claimCount,
        failureCount: row.failureCount,
      }
    })
  }

  async settle(claim: Claim, settlement: Settlement): Promise<boolean> {
    this.#call()
    const row = this.#row(claim)
    if (row.token !== claim.token) return false
    this.settlements.push({ uid: claim.uid, settlement })
    const wantedAt = settlement.type === 'done' ? null : Date.now() + settlement.afterMs
    row.dueAtMs =
      row.dueAtMs === null || wantedAt === null ? (row.dueAtMs ?? wantedAt) : Math.min(row.dueAtMs, wantedAt)
    row.failureCount = settlement.type === 'failed' ? row.failureCount + 1 : 0
    row.claimCount = 0
    row.isHeld = false
    return true
  }

  async setAside(claim: Claim, reason: string): Promise<void> {
    this.#call()
    const row = this.#row(claim)
    row.setAside = reason
    row.isHeld = false
  }

  async dueInMs(kinds: readonly string[]): Promise<ReadonlyMap<string, number>> {
    this.#call()
    const due = new Map<string, number>()
    for (const row of this.rows) {
      if (!kinds.includes(row.kind) || row.isHeld || row.setAside !== null || row.dueAtMs === null) continue
      const inMs = Math.max(0, row.dueAtMs - Date.now())
      due.set(row.kind, Math.min(inMs, due.get(row.kind) ?? inMs))
    }
    return due
  }

  async mayHaveSuspects(kinds: readonly string[]): Promise<boolean> {
    this.#call()
    return this.rows.some((row) => kinds.includes(row.kind) && row.claimCount > 0)
  }

  async spreadDue(_kinds: readonly string[], windowMs: number): Promise<void> {
    this.#call()
    this.spreads.push(windowMs)
  }

  #call(): void {
    this.calls += 1
    if (this.isBroken) throw new Error('disk full')
  }

  #row(claim: Claim): MemoryRow {
    const row = this.rows.find((candidate) => candidate.kind === claim.kind && candidate.uid === claim.uid)
    if (row === undefined) throw new Error(`no row ${claim.uid}`)
    return row
  }
}
