import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { Journal } from './journal.ts'

const maxKept = 10_000

/** Requests broken by the loss of a replica while this process lived. */
export interface LostReport {
  readonly epoch: string
  readonly requests: readonly UnfinishedRequest[]
}

/**
 * What this process has to report of itself. A report is sealed when it is first read, under a name of its own
 * (`EPOCH.N`), so that an ack never covers what came later.
 */
export class LostRequests {
  /** How many were not kept because nobody took the reports. */
  droppedCount = 0
  private readonly epoch: string
  private readonly journal: Journal
  private open: UnfinishedRequest[] = []
  private sealed: LostReport[] = []
  private sealedCount = 0

  constructor(epoch: string, journal: Journal) {
    this.epoch = epoch
    this.journal = journal
  }

  add(request: UnfinishedRequest): void {
    const kept = this.open.length + this.sealed.reduce((sum, report) => sum + report.requests.length, 0)
    if (kept >= maxKept) {
      this.droppedCount += 1
      return
    }
    this.open.push(request)
    this.journal.addLost(request)
  }

  reports(): readonly LostReport[] {
    if (this.open.length > 0) {
      this.sealedCount += 1
      this.sealed.push({ epoch: `${this.epoch}.${this.sealedCount}`, requests: this.open })
      this.open = []
    }
    return this.sealed
  }

  /** False when the name is not one of ours. */
  ack(reportEpoch: string): boolean {
    const report = this.sealed.find(({ epoch }) => epoch === reportEpoch)
    if (report === undefined) return false
    this.sealed = this.sealed.filter((other) => other !== report)
    this.journal.ackLost(report.requests.map(({ id }) => id))
    return true
  }
}
