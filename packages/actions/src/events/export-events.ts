import type { SkykeepEvent } from '@skykeep/core/events'
import { listEvents } from '@skykeep/db/events'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { eventFilterOf } from './event-filter-of.ts'
import type { ExportEventsInput } from './schemas.ts'

/** Events that one export holds at most. */
export const exportMax = 100_000
const batch = 500

const columns = [
  'seq',
  'at',
  'kind',
  'uid',
  'service',
  'type',
  'from',
  'to',
  'reason',
  'message',
  'cause',
  'actor',
  'payload',
] as const

/**
 * The events that a filter lets through, newest first, as text in pieces of at most 500 lines: JSON lines as the API has them, or CSV
 * (RFC 4180) with a head. At most 100,000 events. Checks who asks before the first piece. Throws FORBIDDEN.
 */
export function exportEvents(
  context: ActionContext,
  { format, ...filter }: ExportEventsInput,
): AsyncGenerator<string> {
  authorize(context.actor, 'event:read')
  const lineOf = format === 'csv' ? csvLine : jsonLine
  return pieces(context, filter, { head: format === 'csv' ? `${columns.join(',')}\r\n` : '', lineOf })
}

interface Shape {
  readonly head: string
  readonly lineOf: (event: SkykeepEvent) => string
}

async function* pieces(
  { db }: ActionContext,
  filter: Omit<ExportEventsInput, 'format'>,
  { head, lineOf }: Shape,
): AsyncGenerator<string> {
  const wanted = await eventFilterOf(db, filter)
  if (head !== '') yield head
  let beforeSeq = Number.MAX_SAFE_INTEGER
  for (let left = exportMax; left > 0;) {
    const limit = Math.min(batch, left)
    const isFirst = beforeSeq === Number.MAX_SAFE_INTEGER
    const events = await listEvents(db, { ...wanted, limit, ...(isFirst ? {} : { beforeSeq }) })
    const last = events.at(-1)
    if (last === undefined) return
    yield events.map(lineOf).join('')
    if (events.length < limit) return
    left -= events.length
    beforeSeq = last.seq
  }
}

function jsonLine(event: SkykeepEvent): string {
  return `${JSON.stringify(event)}\n`
}

function csvLine(event: SkykeepEvent): string {
  const { seq, atMs, kind, uid, serviceName, type, from, to, reason, message, cause, actor, payload } = event
  const fields = [seq, new Date(atMs).toISOString(), kind, uid, serviceName, type, from, to]
  return `${[...fields, reason, message, cause, actor, JSON.stringify(payload)].map(csvField).join(',')}\r\n`
}

/** A text that a spreadsheet would run as a formula is kept a text by a leading apostrophe. */
function csvField(value: string | number | null): string {
  if (typeof value === 'number') return String(value)
  const text = value ?? ''
  const inert = /^[=+\-@\t\r]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(inert) ? `"${inert.replaceAll('"', '""')}"` : inert
}
