import type { Runner } from './runner.ts'

/** The key of an effect (invariant 1): what it is for, which intent, and which try. Never the worker. */
export interface Attempt {
  /** Uid of the row that the effect is for, such as a replica's. */
  readonly uid: string
  readonly generation: number
  readonly attempt: number
}

/** What is written on everything that is created, so that it can be found again. */
export interface NodeTags extends Attempt {
  readonly installationId: string
  /** The installation's epoch when it was created: one more with each restore or clone (invariant 3). Absent: of an older program. */
  readonly epoch?: number
}

/** The idempotency token of an attempt: the same text for the same attempt, for ever. */
export function tokenOf(attempt: Attempt): string {
  return `${attempt.uid}.${attempt.generation}.${attempt.attempt}`
}

/** What a node must have. Absent means: no wish, and the infra's default is counted. */
export interface Resources {
  /** Virtual CPUs, may be a fraction. */
  readonly cpus?: number
  readonly memoryGiB?: number
}

export interface OfferQuery extends Resources {
  /** Exactly this, such as `L4:1`. */
  readonly accelerator?: string
  readonly region?: string
  readonly zone?: string
  readonly isSpot?: boolean
}

export interface Offer {
  /** Stable within the infra. */
  readonly id: string
  readonly region: string
  readonly zone: string
  readonly instanceType: string
  readonly cpus: number
  readonly memoryGiB: number
  /** Kind and number, such as `L4:1`; absent: none. */
  readonly accelerator?: string
  /** True: the infra may take the node back at any time. */
  readonly isSpot: boolean
  readonly priceUsdPerHour: number
}

export interface NodeRequest {
  /** The same token returns the same node, also from another process and after a crash. */
  readonly token: string
  readonly tags: NodeTags
  readonly offer: Offer
  readonly resources: Resources
}

export const nodeStates = ['BOOTING', 'RUNNING', 'STOPPED', 'PREEMPTED'] as const
export type NodeState = (typeof nodeStates)[number]

/** A node as its infra describes it now. */
export interface NodeDescription {
  /** Immutable id at the infra: what a delete names. */
  readonly nodeId: string
  readonly token: string
  readonly tags: NodeTags
  readonly offer: Offer
  readonly state: NodeState
  /** Why it is in this state, for a person; may be empty. */
  readonly stateReason: string
  /** Where it is reached; null until it runs. */
  readonly host: string | null
  /** Changes with each boot; null where the infra does not tell. */
  readonly bootId: string | null
  /** True when it booted again since it was created: its jobs are gone through no fault of theirs (invariant 19). */
  readonly hasRebooted: boolean
  /** The infra gave notice that it takes the node back then; absent: none given. */
  readonly endsAtMs?: number
  readonly createdAtMs: number
}

/** Passed along with a call, so that a deadline ends the effect and not only the waiting. */
export interface Call {
  readonly signal?: AbortSignal
}

/**
 * One infra. Calls return fast: a create may answer BOOTING, `describeNode` tells the rest. Throws only ProviderError.
 * Extra powers are separate interfaces, found by the guards of `capabilities.ts`.
 */
export interface Provider {
  /** Name of the infra: `local`, `sim`, `aws`, `k8s/<context>`. */
  readonly infra: string
  /**
   * For how long after a create `listNodes` and `describeNode` may not show it yet (invariant 4). 0: at once.
   */
  readonly consistencyWindowMs: number
  /** What fits the query, cheapest first; also what is out of stock just now. */
  listOffers(query: OfferQuery, call?: Call): Promise<readonly Offer[]>
  /** Creates the node of a token, or returns the one that it created before. */
  createNode(request: NodeRequest, call?: Call): Promise<NodeDescription>
  /** Throws `not-found` for a node that never was or is gone. */
  describeNode(nodeId: string, call?: Call): Promise<NodeDescription>
  /** Ends everything that runs on the node, then the node. A missing node is a success. */
  deleteNode(nodeId: string, call?: Call): Promise<void>
  /** Every node that carries this installation's tag, and no other. */
  listNodes(installationId: string, call?: Call): Promise<readonly NodeDescription[]>
  /** The way onto a RUNNING node; `not-found` when it is gone, `transient` when it does not run (yet). */
  runner(nodeId: string, call?: Call): Promise<Runner>
}
