import { lstatSync, mkdirSync, statSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { Clock } from '@skykeep/core/clock'
import type { GatewayPlaces } from '@skykeep/gateway/gateway'
import { journalName } from '@skykeep/gateway/journal-reports'
import type { LeaderLock } from '@skykeep/gateway/leader-lock'
import type { ControlRoutes, ControlServer } from '@skykeep/persistent-path/control'
import { serveControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { layoutOf } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import {
  readProcessRecord,
  removeProcessRecord,
  writeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import type { Log } from '@skykeep/telemetry/log'
import { processName } from './process-name.ts'

const retryMs = 1000
/** How long the control socket of a path that was left still answers: whoever asked there learns where it went. */
const leaveMs = 10_000

export interface SiteParts {
  readonly root: string
  readonly self: ProcessIdentity
  readonly slot: number
  readonly epoch: string
  readonly build: string
  readonly lock: LeaderLock
  readonly clock: Clock
  readonly log: Log
}

/** This process's places under the persistent path: runtime record, control socket, lock, journal. They move together. */
export class Site {
  layout: Layout
  private readonly parts: SiteParts
  /** What its control socket answers. */
  routes: ControlRoutes = {}
  private control: ControlServer | null = null

  constructor(parts: SiteParts) {
    this.parts = parts
    this.layout = layoutOf(parts.root)
  }

  get name(): string {
    return processName(this.parts.slot)
  }

  placesIn(layout: Layout): GatewayPlaces {
    return {
      root: layout.root,
      routeFile: { table: layout.routesFile, key: layout.gatewayKey },
      journalPath: join(layout.gatewayJournalsDir, journalName(this.parts.epoch)),
      accessLogPath: layout.accessLog(this.name),
    }
  }

  /** Makes the folders of a gateway; those that cannot be made are named in the log. */
  makeFolders(): void {
    for (const folder of foldersIn(this.layout)) {
      this.attempt(folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
    }
  }

  /** Says where this process is found; does nothing when it is said already. */
  announce(): void {
    const { self, clock, build } = this.parts
    const { layout, name } = this
    this.attempt('runtime record', () => {
      const known = readProcessRecord(layout, name)
      const socket = layout.socket(name)
      if (known?.pid === self.pid && known.socket === socket) return
      writeProcessRecord(layout, { ...self, name, socket, startedAtMs: clock.now(), build })
    })
  }

  /** Opens the control socket again that was removed, as cleaners of temporary folders do: a leader that starts takes one that it cannot ask for stuck. */
  mendControl(): void {
    const left = this.control
    this.attempt('control socket', () => {
      if (left === null || lstatSync(this.layout.socket(this.name), { throwIfNoEntry: false })) return
      this.control = null
      void left.close()
      void this.openControl()
    })
  }

  /** Tries until it works: a disk that is full now need not stay so. */
  async openControl(): Promise<void> {
    const { log } = this.parts
    while (this.control === null) {
      const socket = this.layout.socket(this.name)
      try {
        const server = await serveControl(socket, this.routes)
        if (this.layout.socket(this.name) === socket) this.control = server
        else await server.close()
        log.info({ socket }, 'serving')
      } catch (error) {
        log.warn({ reason: String(error) }, 'control socket')
        await new Promise((resolved) => setTimeout(resolved, retryMs))
      }
    }
  }

  /**
   * Goes to another persistent path; `rebase` moves what the gateway itself keeps. Every step before the last one that fails is
   * taken back. @throws SkykeepError NOT_FOUND, CONFLICT, UNAVAILABLE.
   */
  async moveTo(root: string, rebase: (places: GatewayPlaces) => Promise<void>): Promise<void> {
    const { lock, self } = this.parts
    const before = this.layout
    const next = layoutOf(requireFolder(root))
    const opened = await this.openAt(next)
    try {
      if (lock.moveTo(next.gatewayLock) === 'busy') {
        throw new SkykeepError('CONFLICT', `another gateway serves ${root}`, {
          hint: 'Stop the plane that runs on that path first.',
        })
      }
      await rebase(this.placesIn(next))
    } catch (error) {
      lock.moveTo(before.gatewayLock)
      await opened.close()
      throw unavailable(root, error)
    }
    this.layout = next
    this.announce()
    this.attempt('runtime record', () => removeProcessRecord(before, this.name, self))
    const left = this.control
    this.control = opened
    setTimeout(() => void left?.close(), leaveMs).unref()
  }

  private async openAt(layout: Layout): Promise<ControlServer> {
    try {
      for (const folder of foldersIn(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
      return await serveControl(layout.socket(this.name), this.routes)
    } catch (error) {
      throw unavailable(layout.root, error)
    }
  }

  /** The last thing that this process does. */
  leave(): void {
    this.attempt('runtime record', () => removeProcessRecord(this.layout, this.name, this.parts.self))
    void this.control?.close()
  }

  private attempt(what: string, action: () => void): void {
    try {
      action()
    } catch (error) {
      this.parts.log.warn({ reason: error instanceof Error ? error.message : String(error) }, what)
    }
  }
}

function foldersIn(layout: Layout): readonly string[] {
  return [layout.gatewayJournalsDir, layout.processesDir, layout.accessLogsDir]
}

function requireFolder(root: string): string {
  if (root === resolve(root) && statSync(root, { throwIfNoEntry: false })?.isDirectory() === true) return root
  throw new SkykeepError('NOT_FOUND', `there is no folder ${root}`, {
    hint: 'Give the absolute path of one.',
  })
}

function unavailable(root: string, cause: unknown): SkykeepError {
  if (isSkykeepError(cause)) return cause
  const reason = cause instanceof Error ? cause.message : String(cause)
  return new SkykeepError('UNAVAILABLE', `cannot serve from ${root}: ${reason}`, { cause })
}
