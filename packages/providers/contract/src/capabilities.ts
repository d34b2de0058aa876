import type { NodeDescription, Provider } from './provider.ts'

/** Nodes can be stopped (disk kept) and started again. */
export interface CanStop {
  stopNode(nodeId: string): Promise<void>
  startNode(nodeId: string): Promise<void>
}

/** Ports can be opened to the outside. */
export interface CanOpenPorts {
  openPorts(nodeId: string, ports: readonly number[]): Promise<void>
}

export interface Reservation {
  readonly id: string
  readonly zone: string
  readonly instanceType: string
  readonly freeCount: number
}

/** Capacity that is paid for already. */
export interface HasReservations {
  listReservations(): Promise<readonly Reservation[]>
}

/** The infra queues requests itself (Slurm): its queue's length is known. */
export interface HasQueue {
  queueLength(): Promise<number>
}

/** Machine images that a node may boot from. */
export interface HasImages {
  listImages(): Promise<readonly string[]>
}

export interface ListenerProof {
  /** OWNED: a process of this node listens there. FOREIGN: something else does. NONE: nobody listens. */
  readonly kind: 'OWNED' | 'FOREIGN' | 'NONE'
  /** The owner's process on the node, where it is OWNED. */
  readonly pid: number | null
  /** For a person. */
  readonly reason: string
}

/** Proves that the listener of a port is a process of this node, so that no stranger gets its traffic (invariant 9). */
export interface ProvesEndpoints {
  proveListener(nodeId: string, port: number): Promise<ListenerProof>
}

/** Node homes are folders that this machine can read: logs stream without the node's help. */
export interface HasLocalHomes {
  /** Absolute path of the node's HOME here; it may not exist (any more). */
  homeFolderOf(nodeId: string): string
}

/** All nodes are on one host and share its ports: each replica needs one of its own. */
export interface SharesHost {
  sharedHost(): string
}

export interface CapacityReport {
  readonly totalCpus: number
  readonly usedCpus: number
  readonly totalMemoryGiB: number
  readonly usedMemoryGiB: number
}

/** The infra is finite and says how much of it is taken. */
export interface HasCapacity {
  capacity(): Promise<CapacityReport>
}

/** The infra may take nodes back; `preempt` makes it do so (drills and tests). */
export interface CanPreempt {
  preemptNode(nodeId: string): Promise<NodeDescription>
}

const methodsOf = {
  stop: ['stopNode', 'startNode'],
  ports: ['openPorts'],
  reservations: ['listReservations'],
  queue: ['queueLength'],
  images: ['listImages'],
  'endpoint-proof': ['proveListener'],
  'local-homes': ['homeFolderOf'],
  'shared-host': ['sharedHost'],
  capacity: ['capacity'],
  preemption: ['preemptNode'],
} as const

export interface CapabilityOf {
  stop: CanStop
  ports: CanOpenPorts
  reservations: HasReservations
  queue: HasQueue
  images: HasImages
  'endpoint-proof': ProvesEndpoints
  'local-homes': HasLocalHomes
  'shared-host': SharesHost
  capacity: HasCapacity
  preemption: CanPreempt
}
export type Capability = keyof CapabilityOf

/** Narrows a provider to one that has the capability. */
export function hasCapability<C extends Capability>(
  provider: Provider,
  capability: C,
): provider is Provider & CapabilityOf[C] {
  return methodsOf[capability].every((method) => typeof Reflect.get(provider, method) === 'function')
}

/** What this provider can do beyond the core: the feature table of docs and dashboard is this, computed. */
export function capabilitiesOf(provider: Provider): readonly Capability[] {
  // Object.keys of a literal whose keys are exactly Capability.
  const names = Object.keys(methodsOf) as Capability[]
  return names.filter((name) => hasCapability(provider, name))
}
