import { readFileSync } from 'node:fs'
import { setTimeout as delay } from 'node:timers/promises'
import type { UnfinishedRequest } from '@skykeep/core/routes'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { gatewayScript, until } from '../../apps/gateway/test/gateway-processes.ts'
import type { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import type { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import { epochChars } from './answer-reader.ts'
import type { Bookkeeper } from './bookkeeper.ts'
import type { GatewayClock } from './gateway-clock.ts'
import { clientPortsOf } from './descriptors.ts'
import type { CauseKind, Causes } from './causes.ts'
import type { Table } from './table.ts'

/** A request that a gateway has had for so long is in its journal, ms of the machine's clock: it is there 200 ms of the gateway's, and a sweep, after it came. */
const lastingMs = 250
/** Some sweeps, ms. */
const sweepsMs = 120
/** A process that stands still is killed by its siblings after 3 s; one that is told to end has 30 s of its clock. */
const deathMs = 30_000

export interface GatewayChurnParts {
  readonly gateway: GatewayProcesses
  readonly table: Table
  readonly causes: Causes
  readonly bookkeeper: Bookkeeper
  readonly random: SeededRandom
  readonly processCount: number
  readonly clock: GatewayClock
  readonly onFault: (fault: string) => void
  /** Of Node, for every gateway process. */
  readonly flags: readonly string[]
}

/** What happens to gateway processes. */
export class GatewayChurn {
  private readonly parts: GatewayChurnParts
  private rounds = 0

  constructor(parts: GatewayChurnParts) {
    this.parts = parts
  }

  start(): void {
    const { gateway, processCount, flags } = this.parts
    gateway.start(processCount, flags)
  }

  /** Resolves when as many as should serve every port, those that end after what they have not counted. */
  untilServing(): Promise<unknown> {
    const { gateway, table, processCount } = this.parts
    return until(
      () => `${processCount} processes that serve ${table.ports.join(', ')}\n${gateway.log.slice(-4000)}`,
      async () => {
        const statuses = await table.statuses()
        const { ports } = table
        const serving = statuses.filter(({ boundPorts }) => ports.every((port) => boundPorts.includes(port)))
        return serving.length >= processCount
      },
      60_000,
    )
  }

  /** All that live, the oldest first. */
  byAge(): readonly ProcessRecord[] {
    return this.parts.gateway.living.toSorted((a, b) => a.startTime - b.startTime || a.pid - b.pid)
  }

  /** The youngest sibling dies: those that are older live through the whole time in which memory is compared. */
  async killYoungest(): Promise<void> {
    const records = this.byAge()
    const youngest = records.at(-1)
    if (youngest !== undefined && records.length >= this.parts.processCount) await this.kill(youngest)
    await this.untilServing()
  }

  /** One thing happens to any of them. */
  async once(): Promise<void> {
    const { gateway, random } = this.parts
    this.rounds += 1
    await this.untilServing()
    const { living } = gateway
    const victim = living[random.below(living.length)]
    if (victim === undefined) return
    switch (this.rounds % 8) {
      case 1:
        return this.tellToEnd()
      case 3:
        return this.handOver()
      case 5:
        return this.stopForGood(victim)
      case 7:
        return this.killAll()
      default:
        return this.kill(victim)
    }
  }

  private async kill(record: ProcessRecord): Promise<void> {
    await this.die('gateway process killed', record, () => killProcess(record, 'SIGKILL'))
  }

  private async stopForGood(record: ProcessRecord): Promise<void> {
    await this.die('gateway process stopped', record, () => undefined)
  }

  /** One that follows: whoever leads would end the others too. It may end what it has, for 30 s of its clock. */
  private async tellToEnd(): Promise<void> {
    const { gateway, random } = this.parts
    const leader = await gateway.leader()
    const others = gateway.living.filter(({ pid }) => pid !== leader.pid)
    const record = others[random.below(others.length)]
    if (record === undefined) return
    await this.die('gateway process told to end', record, () => {
      killProcess(record, 'SIGTERM')
      killProcess(record, 'SIGCONT')
    })
  }

  private async die(kind: CauseKind, record: ProcessRecord, deed: () => void): Promise<void> {
    const { gateway, causes, bookkeeper, table } = this.parts
    // Whether it is being replaced is to be known before.
    await bookkeeper.look()
    const epoch = bookkeeper.epochOf(record)
    const lasting = await this.lastingIn(record, epoch)
    // It stands still while its connections and its journal are looked at.
    const fromMs = performance.now()
    killProcess(record, 'SIGSTOP')
    await until('it stands still', () => isStopped(record.pid) || !isProcessAlive(record))
    // One that is replaced may just have ended by itself, or be about to: off record it has nothing in hand any more, and nobody watches it.
    if (!gateway.living.some(({ pid }) => pid === record.pid)) {
      killProcess(record, 'SIGCONT')
      return
    }
    bookkeeper.doom(epoch)
    const clientPorts = clientPortsOf(record.pid, table.everServed)
    const journaled = this.journaledBy(epoch, lasting)
    const end = causes.begin(kind, epoch.slice(0, epochChars), { fromMs, had: { clientPorts, journaled } })
    deed()
    await until('its death', () => !isProcessAlive(record), deathMs)
    end()
  }

  /** What it has had in hand for long enough, and has still. */
  private async lastingIn(record: ProcessRecord, epoch: string): Promise<readonly UnfinishedRequest[]> {
    const { clock } = this.parts
    const own = epoch.slice(0, epochChars)
    try {
      // An orphan may still answer under its name.
      const before = (await this.runningIn(record)).filter(({ id }) => id.startsWith(own))
      await delay(sweepsMs)
      const after = new Set((await this.runningIn(record)).map(({ id }) => id))
      const sinceMs = clock.nowMs() - lastingMs * clock.speed
      return before.filter((request) => after.has(request.id) && request.sinceMs < sinceMs)
    } catch {
      // It does not answer: it may just be starting.
      return []
    }
  }

  private async runningIn(record: ProcessRecord): Promise<readonly UnfinishedRequest[]> {
    const running = await this.parts.gateway.call(record, 'GET', '/running')
    return running as readonly UnfinishedRequest[] // its documented answer
  }

  /** Paths in the journal of a process that stands still, in which each of `lasting` must stand, or that it ended; what was reported before does not. */
  private journaledBy(epoch: string, lasting: readonly UnfinishedRequest[]): ReadonlySet<string> {
    const { bookkeeper, onFault } = this.parts
    const journal = bookkeeper.journals().find((each) => each.epoch === epoch)
    const journaled = new Set(journal?.requests.map(({ id }) => id))
    for (const request of lasting) {
      const hasEnded = journal?.text.includes(`{"e":"${request.id}"}`) === true
      if (!hasEnded && !journaled.has(request.id) && !bookkeeper.listed.has(request.path))
        onFault(`had lasted and is not in the journal of ${epoch}: ${JSON.stringify(request)}`)
    }
    return new Set(journal?.requests.map(({ path }) => path))
  }

  /** All of them at once, then a start: for a while nobody listens. */
  private async killAll(): Promise<void> {
    const { gateway, causes } = this.parts
    const end = causes.begin('every gateway process killed', '')
    await Promise.all(gateway.living.map((record) => this.kill(record)))
    // One that was being forked.
    gateway.killAll()
    this.start()
    await this.untilServing()
    end()
  }

  /** As an upgrade does it: a process of another build leads, and those that are here end after what they have. */
  private async handOver(): Promise<void> {
    const { gateway, causes, processCount, flags } = this.parts
    causes.noteHarmless('handed over to a successor')
    const before = new Set(gateway.living.map(({ pid }) => pid))
    const leader = await gateway.leader()
    await gateway.call(leader, 'POST', '/hand-over', {
      command: [process.execPath, ...flags, gatewayScript],
      environment: {
        NODE_NO_WARNINGS: '1',
        SKYKEEP_PERSISTENT_PATH: gateway.root,
        SKYKEEP_GATEWAY_PROCESSES: String(processCount),
        SKYKEEP_BUILD: 'next',
      },
    })
    await until(
      () => `a leader that is new\n${gateway.log.slice(-4000)}`,
      async () => {
        const leads = await Promise.all(
          gateway.living.map(async (record) => !before.has(record.pid) && (await gateway.isLeader(record))),
        )
        return leads.includes(true)
      },
      60_000,
    )
    await this.untilServing()
    await delay(200)
  }
}

/** Third field of proc_pid_stat(5), behind the name. False for one that is gone. */
function isStopped(pid: number): boolean {
  try {
    return readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.startsWith('T') === true
  } catch {
    return false
  }
}
