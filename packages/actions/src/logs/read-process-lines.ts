import { createReadStream } from 'node:fs'
import { readdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { createInterface } from 'node:readline'
import type { ProcessLineView } from '@skykeep/core/views'
import { findEndpoint } from '@skykeep/db/endpoints'
import { listOperations } from '@skykeep/db/operations'
import { listReplicas } from '@skykeep/db/replicas'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { livingService } from '../services/living-service.ts'
import type { ReadProcessLinesInput } from './schemas.ts'

const processesOf: Readonly<Record<ReadProcessLinesInput['part'], RegExp>> = {
  controller: /^worker\.log(?:\.1)?$/,
  'load-balancer': /^gateway[\w-]*\.log(?:\.1)?$/,
}

/**
 * What the worker or the gateway wrote into its log about a living service: lines that name it, one of its replicas or operations, or its
 * port; oldest first, the last ones. Empty where such a process has not run. Throws NOT_FOUND.
 */
export async function readProcessLines(
  context: ActionContext,
  input: ReadProcessLinesInput,
): Promise<readonly ProcessLineView[]> {
  authorize(context.actor, 'log:read')
  const isAbout = await aboutService(context, input.service)
  const { processLogsDir } = context.paths
  const names = await readdir(processLogsDir).catch(() => [])
  const lines: ProcessLineView[] = []
  for (const name of names.filter((file) => processesOf[input.part].test(file))) {
    for await (const text of linesOf(join(processLogsDir, name))) {
      if (!isAbout(text)) continue
      const line = viewOf(basename(name).replace(/\.log(?:\.1)?$/, ''), text)
      if (line === null || line.atMs < (input.sinceMs ?? 0)) continue
      if (line.atMs <= (input.untilMs ?? Number.POSITIVE_INFINITY)) lines.push(line)
    }
  }
  return lines.toSorted((a, b) => a.atMs - b.atMs).slice(-input.tailLines)
}

async function aboutService(context: ActionContext, name: string): Promise<(text: string) => boolean> {
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

/** Nothing where the file cannot be read: it may have been moved on just now. */
async function* linesOf(file: string): AsyncGenerator<string> {
  const input = createReadStream(file, 'utf8')
  try {
    yield* createInterface({ input, crlfDelay: Number.POSITIVE_INFINITY })
  } catch {
    input.destroy()
  }
}

function viewOf(process: string, text: string): ProcessLineView | null {
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
