import type { EventType, SkykeepEvent } from './events.ts'

export const eventSeverities = ['problem', 'warning', 'normal'] as const
export type EventSeverity = (typeof eventSeverities)[number]

/** An event that fits all that is said here; what is not said is of no account. */
export interface SeverityRule {
  readonly type: EventType
  readonly to?: readonly string[]
  readonly reasonIsNot?: string
}

/** What makes an event more than normal; a problem comes first where both fit. Filters of the database are made from it too. */
export const severityRules: Readonly<Record<'problem' | 'warning', readonly SeverityRule[]>> = {
  problem: [
    { type: 'status.changed', to: ['FAILED', 'BLOCKED'] },
    { type: 'storage.degraded' },
    { type: 'plane.fenced' },
    { type: 'row.set-aside', reasonIsNot: 'BROUGHT_BACK' },
    { type: 'drill.finished', reasonIsNot: 'SUCCEEDED' },
  ],
  warning: [
    { type: 'status.changed', to: ['NOT_READY', 'NO_REPLICA', 'ROLLING_BACK', 'ROLLED_BACK', 'CANCELLED'] },
    { type: 'requests.unfinished' },
    { type: 'orphan.found' },
  ],
}

/** How much an event deserves a person's attention. Pure. */
export function eventSeverity(event: Pick<SkykeepEvent, 'type' | 'to' | 'reason'>): EventSeverity {
  const isOf = (rule: SeverityRule): boolean =>
    rule.type === event.type &&
    (rule.to === undefined || (event.to !== null && rule.to.includes(event.to))) &&
    rule.reasonIsNot !== event.reason
  if (severityRules.problem.some(isOf)) return 'problem'
  return severityRules.warning.some(isOf) ? 'warning' : 'normal'
}
