import { readdirSync, readFileSync, unlinkSync } from 'node:fs'
import { join } from 'node:path'
import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { JournalHeader } from './journal.ts'
import { isProcessIdentity } from './process-identity.ts'
import type { ProcessIdentity } from './process-identity.ts'

/** What a dead process left unfinished. */
export interface UnfinishedReport {
  readonly epoch: string
  readonly requests: readonly UnfinishedRequest[]
}

/** A journal, read. */
export interface ReadJournal extends UnfinishedReport {
  readonly process: ProcessIdentity
}

/**
 * Reads a journal's text: the requests begun and not ended, and those lost with their replica and not acked. A torn last
 * line is passed over. Null when the first line is not a journal's.
 */
export function readJournal(text: string): ReadJournal | null {
  const header = readHeader(text)
  if (header === null) return null
  const [, ...rest] = text.split('\n')
  const living = new Map<string, UnfinishedRequest>()
  const lost = new Map<string, UnfinishedRequest>()
  for (const line of rest) {
    const entry = parseLine(line)
    if (entry !== null) applyLine(entry, living, lost)
  }
  return { ...header, requests: [...lost.values(), ...living.values()] }
}

function readHeader(text: string): JournalHeader | null {
  const [first = ''] = text.split('\n', 1)
  const header = parseLine(first)
  const epoch: unknown = header === null ? null : Reflect.get(header, 'epoch')
  const process: unknown = header === null ? null : Reflect.get(header, 'process')
  return typeof epoch === 'string' && isProcessIdentity(process) ? { epoch, process } : null
}

type ById = Map<string, UnfinishedRequest>

function applyLine(entry: object, living: ById, lost: ById): void {
  const begun: unknown = Reflect.get(entry, 'b')
  const broken: unknown = Reflect.get(entry, 'l')
  const ended: unknown = Reflect.get(entry, 'e')
  const acked: unknown = Reflect.get(entry, 'a')
  if (isRequest(begun)) living.set(begun.id, begun)
  if (isRequest(broken)) {
    living.delete(broken.id)
    lost.set(broken.id, broken)
  }
  if (typeof ended === 'string') living.delete(ended)
  if (Array.isArray(acked)) for (const id of acked) lost.delete(String(id))
}

function isRequest(value: unknown): value is UnfinishedRequest {
  return typeof value === 'object' && value !== null && typeof Reflect.get(value, 'id') === 'string'
}

function parseLine(line: string): object | null {
  try {
    const value: unknown = JSON.parse(line)
    return typeof value === 'object' ? value : null
  } catch {
    return null
  }
}

/** The journals of dead processes in one folder, kept as reports until they are acked. */
export class JournalReports {
  private readonly folder: () => string
  private readonly isAlive: (identity: ProcessIdentity) => boolean

  constructor(folder: () => string, isAlive: (identity: ProcessIdentity) => boolean) {
    this.folder = folder
    this.isAlive = isAlive
  }

  /** Reads what there is; a journal with nothing to report is deleted. */
  list(): UnfinishedReport[] {
    const reports: UnfinishedReport[] = []
    for (const [path, journal] of this.deadJournals()) {
      if (journal.requests.length === 0) remove(path)
      else reports.push({ epoch: journal.epoch, requests: journal.requests })
    }
    return reports
  }

  /** Deletes the journal of a dead epoch; false when there is none. */
  ack(epoch: string): boolean {
    for (const [path, journal] of this.deadJournals()) {
      if (journal.epoch !== epoch) continue
      remove(path)
      return true
    }
    return false
  }

  private *deadJournals(): Generator<[string, ReadJournal]> {
    const folder = this.folder()
    for (const name of namesIn(folder)) {
      const path = join(folder, name)
      const text = textOf(path)
      // A living process is asked about itself: its journal, which may be long, is not parsed each second.
      const header = readHeader(text)
      if (header === null || this.isAlive(header.process)) continue
      const journal = readJournal(text)
      if (journal !== null) yield [path, journal]
    }
  }
}

/** The file name of an epoch's journal. */
export function journalName(epoch: string): string {
  return `journal-${epoch}.jsonl`
}

function namesIn(folder: string): string[] {
  try {
    return readdirSync(folder).filter((name) => name.startsWith('journal-') && name.endsWith('.jsonl'))
  } catch {
    return []
  }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}

function remove(path: string): void {
  try {
    unlinkSync(path)
  } catch {
    // A read-only disk: the report is given again, under the same epoch.
  }
}
