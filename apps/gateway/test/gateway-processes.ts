import type { ChildProcess } from 'node:child_process'
import { spawn } from 'node:child_process'
import { createHmac, randomBytes } from 'node:crypto'
import {
  copyFileSync,
  existsSync,
  mkdirSync,
  mkdtempSync,
  openSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import type { AddressInfo } from 'node:net'
import { createServer } from 'node:net'
import { join, resolve } from 'node:path'
import type { GatewayStatus, RouteTable, UnfinishedRequest } from '@skykeep/core/routes'
import { callControl } from '@skykeep/persistent-path/control'
import { layoutOf } from '@skykeep/persistent-path/layout'
import { killProcess } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { listProcessRecords } from '@skykeep/persistent-path/runtime-files'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'

/** The program under test. */
export const gatewayScript = resolve(import.meta.dirname, '../src/main.ts')

/** Waits until `check` gives something other than undefined or false. */
export async function until<T>(
  what: string | (() => string),
  check: () => T | undefined | false | Promise<T | undefined | false>,
  deadlineMs = 30_000,
): Promise<T> {
  const deadline = performance.now() + deadlineMs
  for (;;) {
    const found = await check()
    if (found !== undefined && found !== false) return found
    if (performance.now() > deadline)
      throw new Error(`waited ${deadlineMs} ms for: ${typeof what === 'string' ? what : what()}`)
    await new Promise((resolved) => setTimeout(resolved, 20))
  }
}

export async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolved) => server.listen(0, '127.0.0.1', resolved))
  const { port } = server.address() as AddressInfo // a TCP server has an AddressInfo
  await new Promise((resolved) => server.close(resolved))
  return port
}

/** Real gateway processes on a persistent path of their own. */
export class GatewayProcesses {
  readonly root = mkdtempSync('/tmp/skg-')
  readonly layout = layoutOf(this.root)
  private readonly key: Buffer<ArrayBuffer>
  private readonly started: ChildProcess[] = []
  private version = 0

  constructor(key = randomBytes(32)) {
    this.key = key
    for (const folder of [this.layout.keysDir, this.layout.gatewayDir, this.layout.runtimeDir]) {
      mkdirSync(folder, { recursive: true, mode: 0o700 })
    }
    writeFileSync(this.layout.gatewayKey, this.key.toString('hex'), { mode: 0o600 })
  }

  /** Another persistent path with the same key and snapshot, as one that is moved has it. */
  copy(): GatewayProcesses {
    const there = new GatewayProcesses(this.key)
    there.version = this.version
    copyFileSync(this.layout.routesFile, there.layout.routesFile)
    return there
  }

  /** Starts a leader, as the supervisor does. */
  start(processCount = 2, flags: readonly string[] = []): ChildProcess {
    const log = openSync(join(this.root, 'gateway.log'), 'a')
    const child = spawn(process.execPath, [...flags, gatewayScript], {
      detached: true,
      stdio: ['ignore', log, log],
      env: {
        ...process.env,
        NODE_NO_WARNINGS: '1',
        SKYKEEP_PERSISTENT_PATH: this.root,
        SKYKEEP_GATEWAY_PROCESSES: String(processCount),
      },
    })
    this.started.push(child)
    return child
  }

  get log(): string {
    const file = join(this.root, 'gateway.log')
    return existsSync(file) ? readFileSync(file, 'utf8') : 'nothing was started here'
  }

  writeTable(services: RouteTable['services']): number {
    this.version += 1
    const table: RouteTable = { format: 1, version: this.version, installationId: 'ins_1', services }
    const text = JSON.stringify(table)
    const mac = createHmac('sha256', this.key).update(text).digest('hex')
    writeFileSync(`${this.layout.routesFile}.next`, JSON.stringify({ mac, table: text }))
    renameSync(`${this.layout.routesFile}.next`, this.layout.routesFile)
    return this.version
  }

  get living(): ProcessRecord[] {
    return listProcessRecords(this.layout).filter((record) => isProcessAlive(record))
  }

  async call(record: ProcessRecord, method: 'GET' | 'POST', path: string, body?: unknown): Promise<unknown> {
    return callControl(record.socket ?? '', { method, path, ...(body === undefined ? {} : { body }) })
  }

  async status(record: ProcessRecord): Promise<GatewayStatus | undefined> {
    try {
      return (await this.call(record, 'GET', '/status')) as GatewayStatus // the endpoint's documented answer
    } catch {
      return undefined
    }
  }

  async isLeader(record: ProcessRecord): Promise<boolean> {
    try {
      const health = (await this.call(record, 'GET', '/health')) as { isLeader: boolean } // its documented answer
      return health.isLeader
    } catch {
      return false
    }
  }

  /** Waits until `count` processes serve all of `ports`. */
  untilServing(count: number, ports: readonly number[]): Promise<ProcessRecord[]> {
    return until(
      () => `${count} processes that serve ${ports.join(', ')}\n${this.log}`,
      async () => {
        const { living } = this
        const statuses = await Promise.all(living.map((record) => this.status(record)))
        const serving = living.filter((_, i) => {
          const status = statuses[i]
          return status !== undefined && ports.every((port) => status.boundPorts.includes(port))
        })
        return serving.length === count && living.length === count && serving
      },
    )
  }

  async leader(): Promise<ProcessRecord> {
    return until('a leader', async () => {
      for (const record of this.living) if (await this.isLeader(record)) return record
      return undefined
    })
  }

  /** What all processes together report. */
  async unfinished(): Promise<{ epoch: string; requests: UnfinishedRequest[] }[]> {
    const answers = await Promise.all(this.living.map((record) => this.call(record, 'GET', '/unfinished')))
    // the endpoint's documented answer
    return answers.flatMap(
      (answer) => (answer as { reports: { epoch: string; requests: UnfinishedRequest[] }[] }).reports,
    )
  }

  killAll(): void {
    for (const record of this.living) killProcess(record, 'SIGKILL')
  }

  /** Processes that were forked for this path, also those that have not said so yet. */
  private unrecorded(): number[] {
    const pids = readdirSync('/proc').filter((name) => /^\d+$/.test(name))
    return pids
      .filter((pid) => environmentOf(pid).includes(`SKYKEEP_PERSISTENT_PATH=${this.root}\0`))
      .map(Number)
  }

  async remove(): Promise<void> {
    await until('the end of all processes', () => {
      this.killAll()
      for (const pid of this.unrecorded()) killQuietly(pid)
      return (
        this.living.length === 0 &&
        this.unrecorded().length === 0 &&
        this.started.every((child) => child.exitCode !== null || child.signalCode !== null)
      )
    })
    rmSync(this.root, { recursive: true, force: true })
  }
}

function environmentOf(pid: string): string {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8')
  } catch {
    return ''
  }
}

function killQuietly(pid: number): void {
  try {
    process.kill(pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}
