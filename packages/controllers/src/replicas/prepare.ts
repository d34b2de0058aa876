import { createHash } from 'node:crypto'
import { SkykeepError } from '@skykeep/core/errors'
import type { Replica } from '@skykeep/core/nouns'
import { reserveAddress } from '@skykeep/db/address-reservations'
import type { LeaseHeld } from '@skykeep/db/guard'
import { updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { jobIdOf } from '@skykeep/node-runtime/job'
import { hasCapability } from '@skykeep/provider-contract/capabilities'
import type { Attempt } from '@skykeep/provider-contract/provider'
import { providerOf, wakeService, write } from '../context.ts'
import { chooseOffer } from './choose-offer.ts'
import type { ReplicaSettings } from './live-settings.ts'
import { toReplicaOffer } from './offers.ts'
import type { ReplicaParts } from './parts.ts'

const firstReplicaPort = 20_000
const lastReplicaPort = 29_999
/** Installations on one machine know nothing of each other's reservations: each begins at a place of its own. */
const portsPerPlace = 500
/** Ports held by strangers that are stepped over one by one; after these each step goes on to the next place. */
const foreignPortsInOnePlace = 10
/** Ports held by strangers that are stepped over in one go. */
const maxForeignPorts = 30
/** Where a task listens that names no port, on a node of its own. */
const defaultTaskPort = 8080

/** The key of everything that is made for a replica: its version is its generation, and never changes (invariant 1). */
export function attemptOf(replica: Replica, attempt: number): Attempt {
  return { uid: replica.uid, generation: replica.version, attempt }
}

/** Writes the intent of a launch before any effect: attempt, offer, job and address, then PROVISIONING. */
export async function prepareReplica(
  parts: ReplicaParts,
  replica: Replica,
  { settings, lease }: { readonly settings: ReplicaSettings; readonly lease: LeaseHeld },
): Promise<void> {
  const provider = providerOf(parts, replica.infra)
  const { spec } = settings
  const chosen =
    replica.offerId === ''
      ? toReplicaOffer(await chooseOffer(parts.database, provider, { replica, spec }))
      : {}
  // Nodes that share a host share its ports; elsewhere each node has its own address.
  const host = hasCapability(provider, 'shared-host') ? provider.sharedHost() : null
  const port =
    host === null
      ? (settings.serving.replicaPort ?? defaultTaskPort)
      : await reservePorts(parts, replica, { host, settings, lease })
  const attempt = replica.attempt + 1
  await write(parts, async (tx) => {
    const jobId = jobIdOf(attemptOf(replica, attempt))
    const { infra, zone } = await updateReplica(
      tx,
      replica.uid,
      { ...chosen, attempt, jobId, host, port },
      { lease },
    )
    const message = `attempt ${attempt} on ${infra}${zone === '' || zone === infra ? '' : `, ${zone}`}`
    const row = { kind: 'replica', uid: replica.uid, lease } as const
    await transition(tx, { ...row, to: 'PROVISIONING', reason: 'LAUNCH_INTENDED', message })
    await wakeService(tx, replica.serviceUid)
  })
}

interface PortWish {
  readonly host: string
  readonly settings: ReplicaSettings
  readonly lease: LeaseHeld
}

/** Every port of a task that names its ports, so that a later version may serve another of them; else one that is free. */
async function reservePorts(parts: ReplicaParts, replica: Replica, wish: PortWish): Promise<number> {
  const { host, settings, lease } = wish
  const { replicaPort } = settings.serving
  if (replicaPort === undefined) {
    return reservePort(parts, replica, {
      host,
      lease,
      maxTries: maxForeignPorts,
      firstPort: firstReplicaPort,
      lastPort: lastReplicaPort,
      beginAtPort: beginAtPortOf(parts.installationId),
    })
  }
  for (const port of new Set([replicaPort, ...settings.spec.task.resources.ports])) {
    const range = { firstPort: port, lastPort: port, beginAtPort: port }
    await reservePort(parts, replica, { host, lease, maxTries: 1, ...range })
  }
  return replicaPort
}

interface PortRange {
  readonly host: string
  readonly lease: LeaseHeld
  readonly firstPort: number
  readonly lastPort: number
  readonly beginAtPort: number
  readonly maxTries: number
}

/** One port of the range that nobody else of ours has and no stranger holds. @throws UNAVAILABLE */
async function reservePort(
  parts: ReplicaParts,
  replica: Replica,
  { host, lease, maxTries, ...range }: PortRange,
): Promise<number> {
  const avoid: number[] = []
  while (avoid.length < maxTries) {
    const { port } = await write(parts, async (tx) => {
      // A stale holder reserves nothing: the empty update checks its lease.
      await updateReplica(tx, replica.uid, {}, { lease })
      return reserveAddress(tx, { replicaUid: replica.uid, host, ...range, avoid, ...goOnAfter(avoid) })
    })
    if (await parts.isPortFree(host, port)) return port
    avoid.push(port)
  }
  throw new SkykeepError('UNAVAILABLE', `port ${avoid.join(', ')} is held by something else on this machine`)
}

function goOnAfter(foreign: readonly number[]): { readonly goOnAtPort?: number } {
  const last = foreign.at(-1)
  if (last === undefined) return {}
  return { goOnAtPort: last + (foreign.length < foreignPortsInOnePlace ? 1 : portsPerPlace) }
}

function beginAtPortOf(installationId: string): number {
  const places = (lastReplicaPort + 1 - firstReplicaPort) / portsPerPlace
  const place = createHash('sha256').update(installationId).digest().readUInt32BE(0) % places
  return firstReplicaPort + place * portsPerPlace
}
