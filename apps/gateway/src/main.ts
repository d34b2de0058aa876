import { randomUUID } from 'node:crypto'
import { controlRoutes } from '@skykeep/gateway/control-routes'
import { Gateway } from '@skykeep/gateway/gateway'
import { GatewayProcess } from '@skykeep/gateway/gateway-process'
import { LeaderLock } from '@skykeep/gateway/leader-lock'
import type { Peer } from '@skykeep/gateway/process-host'
import { callControl, ControlText } from '@skykeep/persistent-path/control'
import { layoutOf } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { identityOf, killProcess, selfIdentity } from '@skykeep/persistent-path/process-identity'
import type { Log } from '@skykeep/telemetry/log'
import { createLog } from '@skykeep/telemetry/log'
import { expositionType } from '@skykeep/telemetry/metrics/exposition'
import { createMetrics } from '@skykeep/telemetry/metrics/registry'
import { systemClock as clock } from '@skykeep/telemetry/system-clock'
import type { GatewayEnv } from './env.ts'
import { readEnv } from './env.ts'
import type { Activity } from './process-host.ts'
import { activityOf, livingPeers, makeProcessHost, servesElsewhere } from './process-host.ts'
import { processName } from './process-name.ts'
import { Site } from './site.ts'

/** Exit code of a leader that found a living gateway on its path. */
const alreadyServedCode = 3
const termGraceMs = 30_000
const lockTries = 20
const lockRetryMs = 50
/** A record that could not be written (a full disk), or was removed, comes back. */
const announceEveryMs = 5000

async function main(): Promise<void> {
  ignoreLossOfOutput()
  process.umask(0o077)
  const env = readEnv()
  const self = selfIdentity()
  const peers = env.slot === undefined ? await lookAtPeers(env.persistentPath, self) : []
  const slot = env.slot ?? lowestFree(peers)
  const log = createLog({
    base: { process: processName(slot), pid: self.pid },
    isReadable: process.stderr.isTTY,
  })
  const lock = new LeaderLock(layoutOf(env.persistentPath).gatewayLock)
  const epoch = randomUUID()
  const site = new Site({ root: env.persistentPath, self, slot, epoch, build: env.build, lock, clock, log })
  site.makeFolders()
  if (env.slot === undefined && !(await claimPath(site, peers, lock))) {
    log.error({ path: env.persistentPath }, 'a gateway already serves this path: this one ends')
    process.exit(alreadyServedCode)
  }
  await serve({ env, site, self, slot, epoch, log, lock })
}

interface Parts {
  readonly env: GatewayEnv
  readonly site: Site
  readonly self: ProcessIdentity
  readonly slot: number
  readonly epoch: string
  readonly log: Log
  readonly lock: LeaderLock
}

async function serve({ env, site, self, slot, epoch, log, lock }: Parts): Promise<void> {
  const gateway = new Gateway({
    slot,
    epoch,
    identity: self,
    clock,
    log,
    places: site.placesIn(site.layout),
    canBind: env.slot === undefined,
    onParked: (serviceUid) => wakeWorker(site, serviceUid),
  })
  const script = process.argv[1] ?? ''
  const host = makeProcessHost({ site, gateway, self, env, script })
  const { processCount } = env
  const gatewayProcess = new GatewayProcess({ gateway, slot, self, processCount, lock, host, log })
  process.on('SIGTERM', () => void gatewayProcess.stop(termGraceMs))
  const name = processName(slot)
  const own = createMetrics(name)
  site.routes = controlRoutes(gatewayProcess, gateway, {
    process: name,
    ownText: () => own.text(),
    asText: (text) => new ControlText(expositionType, text),
  })
  site.announce()
  setInterval(() => {
    site.announce()
    site.mendControl()
  }, announceEveryMs)
  if (env.slot === undefined) await gatewayProcess.lead()
  else await gatewayProcess.follow(process, identityOf(process.ppid) ?? null)
  // Traffic first: a control socket that cannot be made (a full disk) must not keep the ports closed.
  await site.openControl()
}

/** Best effort: where the worker does not answer, it sees those that wait when it looks next. */
function wakeWorker({ layout }: Site, serviceUid: string): void {
  const call = { method: 'POST', path: '/wake', body: { serviceUid } } as const
  callControl(layout.socket('worker'), call).catch(() => undefined)
}

function delay(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms))
}

interface SeenPeer {
  readonly peer: Peer
  readonly activity: Activity
}

async function lookAtPeers(path: string, self: ProcessIdentity): Promise<readonly SeenPeer[]> {
  const peers = livingPeers(layoutOf(path), self)
  return await Promise.all(
    peers.map(async (peer) => ({ peer, activity: peer.isOfThisPath ? await activityOf(peer) : 'absent' })),
  )
}

/** A process that drains keeps its record and its control socket to its end. */
function lowestFree(peers: readonly SeenPeer[]): number {
  const taken = new Set(peers.flatMap(({ peer, activity }) => (activity === 'drains' ? [peer.slot] : [])))
  let slot = 0
  while (taken.has(slot)) slot += 1
  return slot
}

/**
 * True when this process may lead: nobody else does, and no living process of this path serves. Those that drain are let be, stuck ones
 * are ended, but not those that serve another path, of which this one may be a copy.
 */
async function claimPath({ layout }: Site, peers: readonly SeenPeer[], lock: LeaderLock): Promise<boolean> {
  if (peers.some(({ activity }) => activity === 'serves')) return false
  const unanswering = peers.flatMap(({ peer, activity }) => (activity === 'drains' ? [] : [peer]))
  const elsewhere = await Promise.all(unanswering.map((peer) => servesElsewhere(layout, peer)))
  for (const [at, peer] of unanswering.entries())
    if (elsewhere[at] !== true) killProcess(peer.identity, 'SIGKILL')
  // The kernel gives a killed holder's lock back a moment later.
  for (let i = 0; i < lockTries; i += 1) {
    if (lock.tryAcquire() !== 'busy') return true
    await delay(lockRetryMs)
  }
  return false
}

/** Outlives its terminal, its supervisor, and whoever reads its output. */
function ignoreLossOfOutput(): void {
  process.on('SIGHUP', () => undefined)
  process.stdout.on('error', () => undefined)
  process.stderr.on('error', () => undefined)
}

await main()
