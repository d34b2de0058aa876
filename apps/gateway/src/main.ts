import { randomUUID } from 'node:crypto'
import { mkdirSync } from 'node:fs'
import { join } from 'node:path'
import { controlRoutes } from '@skykeep/gateway/control-routes'
import { Gateway } from '@skykeep/gateway/gateway'
import type { Log } from '@skykeep/telemetry/log'
import { createLog } from '@skykeep/telemetry/log'
import { systemClock as clock } from '@skykeep/telemetry/system-clock'
import { GatewayProcess } from '@skykeep/gateway/gateway-process'
import { journalName } from '@skykeep/gateway/journal-reports'
import { LeaderLock } from '@skykeep/gateway/leader-lock'
import type { ControlServer } from '@skykeep/persistent-path/control'
import { callControl, serveControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { layoutOf } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { identityOf, killProcess, selfIdentity } from '@skykeep/persistent-path/process-identity'
import {
  readProcessRecord,
  removeProcessRecord,
  writeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'
import type { GatewayEnv } from './env.ts'
import { readEnv } from './env.ts'
import { isAnswering, livingPeers, makeProcessHost, processName } from './process-host.ts'

/** Exit code of a leader that found a living gateway on its path. */
const alreadyServedCode = 3
const termGraceMs = 30_000
const lockTries = 20
const lockRetryMs = 50
const retryMs = 1000
/** A record that could not be written (a full disk), or was removed, comes back. */
const announceEveryMs = 5000

async function main(): Promise<void> {
  ignoreLossOfOutput()
  process.umask(0o077)
  const env = readEnv()
  const layout = layoutOf(env.persistentPath)
  const self = selfIdentity()
  const slot = env.slot ?? 0
  const log = createLog({ base: { process: processName(slot), pid: self.pid } })
  makeFolders(layout, log)
  const lock = new LeaderLock(layout.gatewayLock)
  if (env.slot === undefined && !(await claimPath(layout, self, lock))) {
    log.error({ path: layout.root }, 'a gateway already serves this path: this one ends')
    process.exit(alreadyServedCode)
  }
  await serve({ env, layout, self, slot, log, lock })
}

interface Parts {
  readonly env: GatewayEnv
  readonly layout: Layout
  readonly self: ProcessIdentity
  readonly slot: number
  readonly log: Log
  readonly lock: LeaderLock
}

async function serve(parts: Parts): Promise<void> {
  const { env, layout, self, slot, log, lock } = parts
  const epoch = randomUUID()
  const gateway = new Gateway({
    slot,
    epoch,
    identity: self,
    clock,
    log,
    routeFile: { table: layout.routesFile, key: layout.gatewayKey },
    journalPath: join(layout.gatewayJournalsDir, journalName(epoch)),
    canBind: env.slot === undefined,
    // Best effort: where the worker does not answer, it sees those that wait when it looks next.
    onParked: (serviceUid) =>
      void callControl(layout.socket('worker'), {
        method: 'POST',
        path: '/wake',
        body: { serviceUid },
      }).catch(() => undefined),
  })
  const script = process.argv[1] ?? ''
  const control: { server: ControlServer | null } = { server: null }
  const onExit = (): void => {
    attempt(log, 'runtime record', () => removeProcessRecord(layout, processName(slot), self))
    void control.server?.close()
  }
  const host = makeProcessHost({ layout, self, env, script, onExit })
  const { processCount } = env
  const gatewayProcess = new GatewayProcess({
    gateway,
    slot,
    self,
    processCount,
    journalsFolder: layout.gatewayJournalsDir,
    lock,
    host,
    log,
  })
  process.on('SIGTERM', () => void gatewayProcess.stop(termGraceMs))
  announce(parts)
  setInterval(() => announce(parts), announceEveryMs)
  if (env.slot === undefined) await gatewayProcess.lead()
  else await gatewayProcess.follow(process, identityOf(process.ppid) ?? null)
  // Traffic first: a control socket that cannot be made (a full disk) must not keep the ports closed.
  control.server = await openControl(
    layout.socket(processName(slot)),
    controlRoutes(gatewayProcess, gateway),
    log,
  )
}

function announce({ env, layout, self, slot, log }: Parts): void {
  const name = processName(slot)
  const socket = layout.socket(name)
  attempt(log, 'runtime record', () => {
    if (readProcessRecord(layout, name)?.pid === self.pid) return
    writeProcessRecord(layout, { ...self, name, socket, startedAtMs: clock.now(), build: env.build })
  })
}

/** Tries until it works: a disk that is full now need not stay so. */
async function openControl(
  socket: string,
  routes: ReturnType<typeof controlRoutes>,
  log: Log,
): Promise<ControlServer> {
  for (;;) {
    try {
      const server = await serveControl(socket, routes)
      log.info({ socket }, 'serving')
      return server
    } catch (error) {
      log.warn({ reason: String(error) }, 'control socket')
      await delay(retryMs)
    }
  }
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

/** True when this process may lead: nobody else does, and no living process of this path answers. Stuck ones are ended. */
async function claimPath(layout: Layout, self: ProcessIdentity, lock: LeaderLock): Promise<boolean> {
  const peers = livingPeers(layout, self)
  const answers = await Promise.all(peers.map((peer) => isAnswering(layout, peer)))
  if (answers.includes(true)) return false
  for (const peer of peers) killProcess(peer.identity, 'SIGKILL')
  // The kernel gives a killed holder's lock back a moment later.
  for (let i = 0; i < lockTries; i += 1) {
    if (lock.tryAcquire() !== 'busy') return true
    await delay(lockRetryMs)
  }
  return false
}

function makeFolders(layout: Layout, log: Log): void {
  for (const folder of [layout.gatewayJournalsDir, layout.processesDir]) {
    attempt(log, folder, () => mkdirSync(folder, { recursive: true, mode: 0o700 }))
  }
}

function attempt(log: Log, what: string, action: () => void): void {
  try {
    action()
  } catch (error) {
    log.warn({ reason: error instanceof Error ? error.message : String(error) }, what)
  }
}

/** Outlives its terminal, its supervisor, and whoever reads its output. */
function ignoreLossOfOutput(): void {
  process.on('SIGHUP', () => undefined)
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}

await main()
