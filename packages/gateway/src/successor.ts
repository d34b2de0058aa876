import type { ChildProcess } from 'node:child_process'
import { SkykeepError } from '@skykeep/core/errors'
import type { Log } from '@skykeep/telemetry/log'
import type { Gateway } from './gateway.ts'
import type { LeaderLock } from './leader-lock.ts'
import type { Siblings } from './siblings.ts'

/** Heartbeats that a new process has to serve in, and then to take the lead in: 20 s each. */
const patienceTicks = 40
/** What is left to one that cannot serve all: 30 s for the requests that it has taken. */
const failedGraceMs = 30_000
/** Heartbeats between two looks at one that was given the lead: 5 s. */
const looksTicks = 10

/** How a gateway process of another build is started. */
export interface Program {
  /** Node, its flags, the file. */
  readonly command: readonly string[]
  readonly environment: Readonly<Record<string, string>>
}

/** @throws SkykeepError INVALID_INPUT for anything else than `{ command, environment }`. */
export function parseProgram(body: unknown): Program {
  const given = typeof body === 'object' && body !== null ? body : {}
  const command: unknown = Reflect.get(given, 'command')
  const environment: unknown = Reflect.get(given, 'environment')
  const isCommand = Array.isArray(command) && command.length >= 2 && command.every(isText)
  const isEnvironment = typeof environment === 'object' && environment !== null
  if (isCommand && isEnvironment && Object.values(environment).every(isText))
    return { command, environment: { ...environment } }
  throw new SkykeepError('INVALID_INPUT', 'command must be a list of texts, environment an object of texts')
}

function isText(value: unknown): value is string {
  return typeof value === 'string'
}

export interface SuccessorOptions {
  readonly gateway: Gateway
  readonly siblings: Siblings
  readonly lock: LeaderLock
  readonly log: Log
  fork(slot: number): ChildProcess
  /** Ends the process with this pid if it has not answered for some seconds. */
  endIfStuck(pid: number): void
  /** It did not come to lead: this process leads as before. */
  onFailed(): void
}

/**
 * A process of another build that is to lead: first a sibling like others, which is given every socket; then it is let go and finds the
 * lock free. It forks siblings of its own and retires the processes that are here, which serve until then.
 */
export class Successor {
  private readonly options: SuccessorOptions
  private readonly slot: number
  private readonly child: ChildProcess
  private ticks = 0
  private isDead = false
  private isEnding = false
  /** The lead was given away. */
  hasTheLead = false

  constructor(options: SuccessorOptions) {
    const { siblings, log } = options
    this.options = options
    this.slot = siblings.freeSlot()
    this.child = options.fork(this.slot)
    const note = (): void => void (this.isDead = true)
    this.child.once('error', note)
    this.child.once('exit', note)
    siblings.add(this.slot, this.child)
    log.info({ successor: this.child.pid }, 'another build is to lead')
  }

  /** Called every 500 ms. */
  tick(): void {
    this.ticks += 1
    if (this.hasTheLead) return this.watchLead()
    if (this.isDead) return this.fail()
    if (!this.isEnding && this.options.siblings.isServing(this.slot)) return this.giveLead()
    if (this.ticks > patienceTicks && !this.isEnding) this.giveUp()
  }

  /** It may serve clients already on the ports that it has. One that stands still is ended as any sibling. */
  private giveUp(): void {
    const { siblings, log } = this.options
    this.isEnding = true
    const missing = siblings.missingOf(this.slot)
    log.warn(
      { successor: this.child.pid, missing },
      'the other build does not serve every port: it is to end',
    )
    siblings.end(this.slot, failedGraceMs)
  }

  private giveLead(): void {
    const { gateway, siblings, lock, log } = this.options
    log.info({ successor: this.child.pid }, 'gives the lead to another build')
    this.hasTheLead = true
    this.ticks = 0
    gateway.listeners.canBind = false
    lock.release()
    siblings.release(this.slot)
  }

  /** Who got the lead retires this process; where nobody did, it is taken back. */
  private watchLead(): void {
    if (!this.isDead && this.ticks <= patienceTicks) return
    // It has the lock, and nobody else may be there yet who looks at it.
    if (this.ticks % looksTicks === 0 && !this.isDead) this.options.endIfStuck(this.child.pid ?? 0)
    if (this.options.lock.tryAcquire() !== 'held') return
    if (!this.isDead) this.child.kill('SIGKILL')
    this.fail()
  }

  private fail(): void {
    const { gateway, siblings, log, onFailed } = this.options
    log.warn({ successor: this.child.pid }, 'the other build did not come to lead: goes on here')
    gateway.listeners.canBind = true
    siblings.thaw()
    onFailed()
  }
}
