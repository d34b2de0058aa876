import type { ProcessLineView } from '@skykeep/core/views'
import { findEndpoint } from '@skykeep/db/endpoints'
import { listOperations } from '@skykeep/db/operations'
import { listReplicas } from '@skykeep/db/replicas'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'

/** Whether a line of a process's log names a living service as it is now, one of its replicas or operations, or its port. Throws NOT_FOUND. */
export async function aboutService(context: ActionContext, name: string): Promise<(text: string) => boolean> {
  const { db } = context
  const { uid } = await livingService(context, db, name)
  const living = await listReplicas(db, { serviceUid: uid, limit: 500 })
  const ended = await listReplicas(db, {
    serviceUid: uid,
    statuses: ['TERMINATED'],
    isHistoryIncluded: true,
    limit: 500,
  })
  const operations = await listOperations(db, { targetUid: uid, limit: 500 })
  const rows = [...living.items, ...ended.items, ...operations.items]
  const uids = new Set([uid, ...rows.map((row) => row.uid)])
  const port = (await findEndpoint(db, uid))?.port
  const named = [JSON.stringify(name), ...(port === undefined ? [] : [`"port":${port}`])]
  return (text) =>
    (text.match(/\b(?:svc|rep|op)_[0-9a-z]+/g) ?? []).some((found) => uids.has(found)) ||
    named.some((word) => text.includes(word))
}

/** A line of a process's log; null for one that is none, such as a stack. */
export function processLineOf(process: string, text: string): ProcessLineView | null {
  const entry = parsed(text)
  if (entry === null) return null
  const { time, level, msg, pid: _pid, name: _name, process: _process, err, ...rest } = entry
  const atMs = typeof time === 'string' ? Date.parse(time) : Number.NaN
  if (Number.isNaN(atMs)) return null
  const details = err === undefined ? rest : { ...rest, error: messageOf(err) }
  return {
    process,
    atMs,
    level: typeof level === 'string' ? level : '',
    message: typeof msg === 'string' ? msg : '',
    details: Object.keys(details).length === 0 ? '' : JSON.stringify(details),
  }
}

function parsed(text: string): Record<string, unknown> | null {
  try {
    const value: unknown = JSON.parse(text)
    // An object whose fields are looked at one by one.
    return typeof value === 'object' && value !== null ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}

/** Of an error its message: its stack is for the file. */
function messageOf(error: unknown): unknown {
  return typeof error === 'object' && error !== null && 'message' in error ? error.message : error
}
