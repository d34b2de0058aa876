import { severityRules, type EventSeverity, type SeverityRule } from '@skykeep/core/event-severity'
import type { EventType, SkykeepEvent } from '@skykeep/core/events'
import type { Prisma } from './generated/sqlite/client.ts'
import { fromMs } from './milliseconds.ts'

export interface EventFilter {
  /** Only numbers above it, oldest first. */
  readonly afterSeq?: number
  /** Only numbers below it, newest first. */
  readonly beforeSeq?: number
  readonly kind?: SkykeepEvent['kind']
  readonly uid?: string
  readonly serviceName?: string
  readonly types?: readonly EventType[]
  /** uid of an operation, or what `causeOfEvent` makes of a number. */
  readonly cause?: string
  /** Uids of people, or `controller`. */
  readonly actors?: readonly string[]
  readonly severity?: EventSeverity
  /** A part of the message, the reason or the service's name. */
  readonly search?: string
  /** At that time or later, and before that one; ms since the epoch. */
  readonly fromMs?: number
  readonly untilMs?: number
  /** 1 to 1000; default 100. */
  readonly limit?: number
}

/** The filter as the database reads it. Pure. */
export function whereOf(filter: EventFilter): Prisma.EventWhereInput {
  const { kind, uid, serviceName, types, cause, actors } = filter
  return {
    AND: [
      { seq: between(filter.afterSeq, filter.beforeSeq), atMs: timesOf(filter) },
      {
        ...(kind === undefined ? {} : { kind }),
        ...(uid === undefined ? {} : { uid }),
        ...(serviceName === undefined ? {} : { serviceName }),
        ...(types === undefined ? {} : { type: { in: [...types] } }),
        ...(cause === undefined ? {} : { cause }),
        ...(actors === undefined ? {} : { actor: { in: [...actors] } }),
      },
      filter.severity === undefined ? {} : severityOf(filter.severity),
      filter.search === undefined ? {} : textOf(filter.search),
    ],
  }
}

function between(above: number | undefined, below: number | undefined): Prisma.IntFilter {
  return { ...(above === undefined ? {} : { gt: above }), ...(below === undefined ? {} : { lt: below }) }
}

function timesOf({ fromMs: from, untilMs: until }: EventFilter): Prisma.BigIntFilter {
  return {
    ...(from === undefined ? {} : { gte: fromMs(from) }),
    ...(until === undefined ? {} : { lt: fromMs(until) }),
  }
}

function textOf(search: string): Prisma.EventWhereInput {
  const contains = { contains: search }
  return { OR: [{ message: contains }, { reason: contains }, { serviceName: contains }] }
}

function severityOf(severity: EventSeverity): Prisma.EventWhereInput {
  const problem = anyOf(severityRules.problem)
  if (severity === 'problem') return problem
  const warning = anyOf(severityRules.warning)
  return severity === 'warning'
    ? { AND: [warning, { NOT: problem }] }
    : { AND: [{ NOT: problem }, { NOT: warning }] }
}

function anyOf(rules: readonly SeverityRule[]): Prisma.EventWhereInput {
  return {
    OR: rules.map(({ type, to, reasonIsNot }) => ({
      AND: [
        { type },
        // Said outright: a status of null fits no list, and NOT of it would be neither true nor false.
        to === undefined ? {} : { to: { in: [...to] } },
        reasonIsNot === undefined ? {} : { reason: { not: reasonIsNot } },
      ],
    })),
  }
}
