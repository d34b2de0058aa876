import { readdirSync, readFileSync, rmSync } from 'node:fs'
import { writeFileAtomic } from './atomic-file.ts'
import type { Layout } from './layout.ts'
import { isSameProcess, type ProcessIdentity } from './process-identity.ts'

/** What `runtime/processes/<name>.json` says of one of our own processes. */
export interface ProcessRecord extends ProcessIdentity {
  /** supervisor, web, worker, gateway-0, gateway-1, … */
  readonly name: string
  /** TCP port that it serves people on, if any. */
  readonly port?: number
  /** Absolute path of its control socket, if any. */
  readonly socket?: string
  /** Milliseconds since the Unix epoch; for display. */
  readonly startedAtMs: number
  /** Name of the build folder that it runs from. */
  readonly build: string
}

/** Writes the record of one process, atomically. Throws the file system's error. */
export function writeProcessRecord(layout: Layout, record: ProcessRecord): void {
  writeFileAtomic(layout.processFile(record.name), `${JSON.stringify(record)}\n`, { isDurable: false })
}

/** The record of one process; undefined when there is none or it is not readable as one. */
export function readProcessRecord(layout: Layout, name: string): ProcessRecord | undefined {
  try {
    return parseProcessRecord(readFileSync(layout.processFile(name), 'utf8'))
  } catch {
    return undefined
  }
}

/** Every readable record, by name. Says nothing about whether the processes live. */
export function listProcessRecords(layout: Layout): readonly ProcessRecord[] {
  return listRecordNames(layout).flatMap((name) => readProcessRecord(layout, name) ?? [])
}

/** Names of all record files, also of unreadable ones. */
export function listRecordNames(layout: Layout): readonly string[] {
  try {
    return readdirSync(layout.processesDir)
      .filter((file) => /^[A-Za-z0-9_-][A-Za-z0-9._-]*\.json$/.test(file))
      .map((file) => file.slice(0, -'.json'.length))
      .toSorted()
  } catch (error) {
    // Only what is not there is empty: a folder that cannot be read says nothing of who lives.
    if (error instanceof Error && 'code' in error && error.code === 'ENOENT') return []
    throw error
  }
}

/** Removes the record if it still names this process; a successor's record stays. Returns whether it was removed. */
export function removeProcessRecord(layout: Layout, name: string, identity: ProcessIdentity): boolean {
  const current = readProcessRecord(layout, name)
  if (current === undefined || !isSameProcess(current, identity)) return false
  rmSync(layout.processFile(name), { force: true })
  return true
}

/** Parses the text of a record; undefined for anything that is not one. */
export function parseProcessRecord(text: string): ProcessRecord | undefined {
  const value: unknown = parseJson(text)
  if (typeof value !== 'object' || value === null) return undefined
  // An object that came from JSON: its keys are strings, its values unknown.
  const { name, pid, startTime, bootId, port, socket, startedAtMs, build } = value as Record<string, unknown>
  if (typeof name !== 'string' || typeof bootId !== 'string' || typeof build !== 'string') return undefined
  if (!isCount(pid) || !isCount(startTime) || typeof startedAtMs !== 'number') return undefined
  return {
    name,
    pid,
    startTime,
    bootId,
    ...(isCount(port) ? { port } : {}),
    ...(typeof socket === 'string' ? { socket } : {}),
    startedAtMs,
    build,
  }
}

function isCount(value: unknown): value is number {
  return typeof value === 'number' && Number.isSafeInteger(value) && value >= 0
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text)
  } catch {
    return undefined
  }
}
