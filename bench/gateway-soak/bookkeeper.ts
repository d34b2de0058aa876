import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import type { CountsBatch, UnfinishedRequest } from '@skykeep/core/routes'
import { readJournal } from '@skykeep/gateway/journal-reports'
import type { ReadJournal } from '@skykeep/gateway/journal-reports'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { epochChars } from './answer-reader.ts'
import type { Causes } from './causes.ts'
import { clientPortsOf, connectionsNow } from './descriptors.ts'

/** One that is started while another leads ends: after all were killed, one that had just been forked may lead by itself. */
const usualLine = /^\{"level":"(?:info|warn)"|"msg":"a gateway already serves this path/

/** A request that a gateway reported as broken. */
export interface Listed {
  readonly request: UnfinishedRequest
  /** Of the report, first 16 characters: the process that had it. */
  readonly epoch: string
}

/** A journal with all its lines. */
export interface Journal extends ReadJournal {
  readonly text: string
}

/** What is known of one gateway process. */
export interface KnownProcess {
  readonly record: ProcessRecord
  readonly epoch: string
  started: number
  ended: number
  ackedSeq: number
  isDraining: boolean
  /** Where its clients came from, as far as they were seen. */
  readonly clientPorts: Set<number>
}

/** Takes what gateways count and report, and acks it, as the worker does; notices processes that end by themselves. */
export class Bookkeeper {
  /** Reported requests by path. */
  readonly listed = new Map<string, Listed>()
  readonly processes = new Map<string, KnownProcess>()
  readonly faults: string[] = []
  private readonly gateway: GatewayProcesses
  private readonly causes: Causes
  private readonly served: ReadonlySet<number>
  /** Epochs of those that the harness ends. */
  private readonly doomed = new Set<string>()

  /** @param served every port that a table has named. */
  constructor(gateway: GatewayProcesses, causes: Causes, served: ReadonlySet<number>) {
    this.gateway = gateway
    this.causes = causes
    this.served = served
  }

  /** One look at every living process. */
  async look(): Promise<void> {
    await Promise.all(
      this.gateway.living.map((record) =>
        // It may die meanwhile.
        this.lookAt(record).catch(() => undefined),
      ),
    )
    this.noteDeaths()
  }

  /** Where the clients of all known processes come from; asks nobody. */
  lookAtPorts(): void {
    const connections = connectionsNow()
    for (const known of this.processes.values()) {
      try {
        const ports = clientPortsOf(known.record.pid, this.served, connections)
        for (const port of ports) known.clientPorts.add(port)
      } catch {
        // It is dead, which the next look notes.
      }
    }
  }

  private async lookAt(record: ProcessRecord): Promise<void> {
    const health = Object(await this.gateway.call(record, 'GET', '/health'))
    // An orphan may still answer under the name of the one that took its place.
    if (Reflect.get(health, 'pid') !== record.pid) return
    const known = this.knownOf(record, String(Reflect.get(health, 'epoch')))
    if (gatewayDrainOf(health) !== null && !this.doomed.has(known.epoch)) this.noteRetired(known)
    await this.takeCounts(record, known)
    await this.takeUnfinished(record)
  }

  /** It is replaced: it ends after what it has. */
  private noteRetired(known: KnownProcess): void {
    if (known.isDraining) return
    known.isDraining = true
    const had = { clientPorts: known.clientPorts, journaled: new Set<string>() }
    const fromMs = performance.now()
    this.causes.begin('gateway process retired', known.epoch.slice(0, epochChars), { fromMs, had })
  }

  private knownOf(record: ProcessRecord, epoch: string): KnownProcess {
    const known = this.processes.get(epoch)
    if (known !== undefined) return known
    const made = { record, epoch, started: 0, ended: 0, ackedSeq: 0 }
    const process = { ...made, isDraining: false, clientPorts: new Set<number>() }
    this.processes.set(epoch, process)
    return process
  }

  private async takeCounts(record: ProcessRecord, known: KnownProcess): Promise<void> {
    const after = known.ackedSeq
    const batch = (await this.gateway.call(record, 'GET', `/counts?after=${after}`)) as CountsBatch // its documented answer
    // Another look took them meanwhile.
    if (known.ackedSeq !== after) return
    for (const { started, ended } of batch.counts) {
      known.started += started
      known.ended += ended
    }
    known.ackedSeq = batch.lastSeq
    await this.gateway.call(record, 'POST', '/counts/ack', { seq: batch.lastSeq })
  }

  private async takeUnfinished(record: ProcessRecord): Promise<void> {
    const answer = await this.gateway.call(record, 'GET', '/unfinished')
    // its documented answer
    const { reports } = answer as { reports: { epoch: string; requests: UnfinishedRequest[] }[] }
    for (const { epoch, requests } of reports) {
      for (const request of requests)
        this.listed.set(request.path, { request, epoch: epoch.slice(0, epochChars) })
      await this.gateway.call(record, 'POST', '/unfinished/ack', { epoch })
    }
  }

  private noteDeaths(): void {
    for (const known of this.processes.values()) {
      const { pid, name } = known.record
      if (isProcessAlive(known.record)) continue
      this.processes.delete(known.epoch)
      // One that is replaced may have ended, or have been killed, between two looks.
      if (this.saidThatItEnds(pid)) this.noteRetired(known)
      if (known.isDraining || this.doomed.has(known.epoch)) continue
      this.faults.push(`${name} (pid ${pid}, epoch ${known.epoch}) ended by itself`)
    }
  }

  private saidThatItEnds(pid: number): boolean {
    return this.logLines().some((line) => line.includes(`"pid":${pid},`) && line.includes('"msg":"stopping"'))
  }

  private logLines(): readonly string[] {
    return this.gateway.log.split('\n').filter((line) => line !== '')
  }

  /** What no gateway process should ever have said: errors, and what is no line of a log at all. */
  badLines(): readonly string[] {
    return this.logLines().filter((line) => !usualLine.test(line))
  }

  /** The epoch of a process, also of one that does not answer: its journal names it. */
  epochOf(record: ProcessRecord): string {
    for (const known of this.processes.values()) if (known.record.pid === record.pid) return known.epoch
    return this.journals().find(({ process }) => process.pid === record.pid)?.epoch ?? ''
  }

  /** The harness ends it now. */
  doom(epoch: string): void {
    this.doomed.add(epoch)
  }

  /** Every journal that is there, read whole. */
  journals(): readonly Journal[] {
    const folder = this.gateway.layout.gatewayJournalsDir
    return readdirSync(folder)
      .filter((name) => name.endsWith('.jsonl'))
      .flatMap((name) => journalIn(textOf(join(folder, name))) ?? [])
  }
}

function journalIn(text: string): Journal | null {
  const journal = readJournal(text)
  return journal === null ? null : { ...journal, text }
}

function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch {
    return ''
  }
}
