import type { Clock } from '@skykeep/core/clock'
import type { CanPreempt } from '@skykeep/provider-contract/capabilities'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type {
  Call,
  NodeDescription,
  NodeRequest,
  NodeState,
  Offer,
  OfferQuery,
  Provider,
} from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { unit } from './seeded.ts'
import {
  bootMsOf,
  lifeMsOf,
  matchingOffers,
  zoneOf,
  type SimInstanceType,
  type SimZone,
} from './sim-catalog.ts'
import { defaultTypes, defaultZones, simOffers } from './sim-catalog.ts'
import { takeFailure, type ScriptedFailure, type SimMethod } from './sim-faults.ts'
import { SimNodeRuntime } from './sim-node-runtime.ts'
import { emptyWorld, isDeleted, isPreempted, livingNodes, type SimNode, type SimWorld } from './sim-world.ts'
import { bootsOf } from './simulated-job.ts'

export interface SimCloudSettings {
  /** The cloud's own time: boots, ends of jobs and preemptions happen by it. */
  readonly clock: Pick<Clock, 'now'>
  /** Prices, boot times, lives, lags and accidents are the same for the same seed and the same calls. */
  readonly seed: string
  /** The name of an attempt's job, as the controllers write it down before it starts. */
  readonly jobIdOf: (claim: {
    readonly uid: string
    readonly generation: number
    readonly attempt: number
  }) => string
  /** A world to go on with, changed in place; two clouds on one world are two workers' ways to it. */
  readonly world?: SimWorld
  readonly zones?: readonly SimZone[]
  readonly types?: readonly SimInstanceType[]
  /** Lists and descriptions tell of a time up to this much ago, another one each time. Default 0, milliseconds. */
  readonly consistencyWindowMs?: number
  /** Shares of the calls that fail as `transient`: before they do anything, and after they did it. Default 0. */
  readonly accidents?: { readonly failed: number; readonly replyLost: number }
  /** Awaited before and after the effect of each call: a test holds a call there, or throws to end the caller. */
  readonly onCall?: (call: SimCall) => void | Promise<void>
  /** Given, all nodes share this host and its ports, as those of one machine do. */
  readonly sharedHost?: string
}

export interface SimCall {
  readonly method: SimMethod
  readonly when: 'before' | 'after'
  /** Node id, token or installation: what the call is about. */
  readonly subject: string
}

/** What a node that is nothing but data can be asked: nothing. */
const emptyHome = '/simulated'

/**
 * A cloud of which nothing is real: nodes, jobs, ports and their answers are plain data on a given clock. No process, no disk, no
 * timer; the same calls in the same order give the same answers.
 */
export class SimCloud implements Provider, CanPreempt {
  readonly infra = 'sim'
  readonly consistencyWindowMs: number
  readonly world: SimWorld
  /** Stands in for `NodeRuntime`. */
  readonly runtime: SimNodeRuntime
  /** Only where nodes share one host; found by the guard of the capability `shared-host`. */
  readonly sharedHost?: () => string
  readonly #settings: SimCloudSettings
  readonly #zones: readonly SimZone[]
  readonly #offers: readonly Offer[]

  constructor(settings: SimCloudSettings) {
    this.#settings = settings
    this.world = settings.world ?? emptyWorld()
    this.consistencyWindowMs = settings.consistencyWindowMs ?? 0
    this.#zones = settings.zones ?? defaultZones
    this.#offers = simOffers(settings.seed, this.#zones, settings.types ?? defaultTypes)
    const host = settings.sharedHost
    if (host !== undefined) this.sharedHost = () => host
    this.runtime = new SimNodeRuntime({
      world: this.world,
      jobIdOf: settings.jobIdOf,
      nowMs: () => settings.clock.now(),
      chance: (...parts) => unit(settings.seed, ...parts),
      call: (method, subject, effect) => this.#call(method, subject, effect),
      runningNode: (nodeId) => this.#runningNode(nodeId),
    })
  }

  listOffers(query: OfferQuery): Promise<readonly Offer[]> {
    return this.#call('listOffers', '', () => matchingOffers(this.#offers, query))
  }

  createNode(request: NodeRequest, call: Call = {}): Promise<NodeDescription> {
    return this.#call('createNode', request.token, () => {
      if (call.signal?.aborted === true) throw new ProviderError('transient', 'the create was called off')
      return this.#describe(this.#create(request), this.#nowMs())
    })
  }

  describeNode(nodeId: string): Promise<NodeDescription> {
    return this.#call('describeNode', nodeId, () => {
      const atMs = this.#seenAtMs()
      return this.#describe(this.#find(nodeId, atMs), atMs)
    })
  }

  deleteNode(nodeId: string): Promise<void> {
    return this.#call('deleteNode', nodeId, () => {
      const node = this.world.nodes[nodeId]
      if (node !== undefined) node.deletedAtMs ??= this.#nowMs()
    })
  }

  listNodes(installationId: string): Promise<readonly NodeDescription[]> {
    return this.#call('listNodes', installationId, () => {
      const atMs = this.#seenAtMs()
      return Object.values(this.world.nodes)
        .filter((node) => node.tags.installationId === installationId && isThere(node, atMs))
        .map((node) => this.#describe(node, atMs))
    })
  }

  runner(nodeId: string): Promise<Runner> {
    return this.#call('runner', nodeId, () => {
      const { host } = this.#runningNode(nodeId)
      const nothing = (): never => {
        throw new ProviderError('invalid', `nothing runs on the simulated node ${nodeId}`)
      }
      const putTree = (): Promise<void> => Promise.resolve()
      return { nodeId, home: emptyHome, host, jobEnv: {}, exec: nothing, putTree, getFileRange: nothing }
    })
  }

  preemptNode(nodeId: string): Promise<NodeDescription> {
    const nowMs = this.#nowMs()
    const node = this.#find(nodeId, nowMs)
    node.preemptedAtMs = Math.min(node.preemptedAtMs ?? nowMs, nowMs)
    node.preemptedReason = 'on request'
    return Promise.resolve(this.#describe(node, nowMs))
  }

  /** Says that a node will be taken back, and when. */
  giveNotice(nodeId: string, inMs: number): void {
    const nowMs = this.#nowMs()
    const node = this.#find(nodeId, nowMs)
    node.noticedAtMs = nowMs
    node.preemptedAtMs = nowMs + inMs
    node.preemptedReason = 'capacity was taken back'
  }

  /** Boots nodes again, all that live where none is named: what ran on them is gone. */
  reboot(nodeIds = livingNodes(this.world, this.#nowMs()).map(({ nodeId }) => nodeId)): void {
    for (const nodeId of nodeIds) this.#find(nodeId, this.#nowMs()).rebootedAtMs.push(this.#nowMs())
  }

  /** How many nodes of an offer there can be; 0 is a stock-out. */
  setStock(offerId: string, stock: number): void {
    this.world.stock[offerId] = stock
  }

  /** Makes the next calls of a method fail, or lose their replies. */
  failNext(failure: ScriptedFailure): void {
    this.world.failures = [...this.world.failures, failure]
  }

  async #call<T>(method: SimMethod, subject: string, effect: () => T): Promise<T> {
    const { onCall, accidents, seed } = this.#settings
    if (onCall !== undefined) await onCall({ method, when: 'before', subject })
    this.world.calls += 1
    const { failure, left } = takeFailure(this.world.failures, method)
    this.world.failures = left
    const chance = accidents === undefined ? 1 : unit(seed, 'accident', String(this.world.calls))
    const failedShare = accidents?.failed ?? 0
    if (failure !== undefined && failure.isReplyLost !== true) throw failureOf(method, failure)
    if (chance < failedShare) throw failureOf(method, accident)
    const answer = effect()
    if (onCall !== undefined) await onCall({ method, when: 'after', subject })
    if (failure !== undefined) throw failureOf(method, failure)
    if (chance < failedShare + (accidents?.replyLost ?? 0)) throw failureOf(method, accident)
    return answer
  }

  #create({ token, tags, offer, resources }: NodeRequest): SimNode {
    const nowMs = this.#nowMs()
    const existing = Object.values(this.world.nodes).find(
      (node) =>
        node.token === token && node.tags.installationId === tags.installationId && isThere(node, nowMs),
    )
    if (existing !== undefined) return existing
    this.#assertInStock(offer)
    const ordinal = Object.keys(this.world.nodes).length + 1
    const nodeId = `sim-${ordinal}`
    const zone = zoneOf(this.#zones, offer)
    const runsFromMs = nowMs + Math.round(bootMsOf(this.#settings.seed, zone, nodeId))
    const lifeMs = lifeMsOf(this.#settings.seed, zone, { nodeId, offer })
    const preemptedAtMs = lifeMs === null ? null : runsFromMs + Math.round(lifeMs)
    const noticeMs = zone.noticeMs ?? 0
    const node: SimNode = {
      nodeId,
      token,
      tags,
      offer,
      resources,
      host: this.#settings.sharedHost ?? `10.0.${Math.floor(ordinal / 250)}.${(ordinal % 250) + 1}`,
      createdAtMs: nowMs,
      runsFromMs,
      preemptedAtMs,
      noticedAtMs: preemptedAtMs === null || noticeMs === 0 ? null : preemptedAtMs - noticeMs,
      preemptedReason: `spot capacity of ${zone.zone} was taken back`,
      deletedAtMs: null,
      rebootedAtMs: [],
      jobs: {},
    }
    this.world.nodes[nodeId] = node
    this.world.starts.push({ kind: 'node', token, uid: tags.uid, nodeId, atMs: nowMs })
    return node
  }

  #assertInStock({ id, zone }: Offer): void {
    const known = this.#offers.find((offer) => offer.id === id)
    if (known === undefined) throw new ProviderError('invalid', `sim has no offer ${id}`)
    const stock = this.world.stock[id] ?? zoneOf(this.#zones, known).stock
    const used = livingNodes(this.world, this.#nowMs()).filter(({ offer }) => offer.id === id).length
    if (used < stock) return
    const message = `${id} is out of stock in ${zone}: ${used} of ${stock} in use`
    throw new ProviderError('capacity', message, { scope: 'zone' })
  }

  #find(nodeId: string, atMs: number): SimNode {
    const node = this.world.nodes[nodeId]
    if (node !== undefined && isThere(node, atMs)) return node
    throw new ProviderError('not-found', `there is no node ${nodeId}`)
  }

  #runningNode(nodeId: string): SimNode {
    const nowMs = this.#nowMs()
    const node = this.#find(nodeId, nowMs)
    const state = stateOf(node, nowMs)
    if (state === 'RUNNING') return node
    const kind = state === 'PREEMPTED' ? 'not-found' : 'transient'
    throw new ProviderError(kind, `node ${nodeId} is ${state}`)
  }

  #describe(node: SimNode, atMs: number): NodeDescription {
    const { nodeId, token, tags, offer, createdAtMs, host, noticedAtMs, preemptedAtMs } = node
    const state = stateOf(node, atMs)
    const boots = bootsOf(node, atMs)
    const isNoticed = noticedAtMs !== null && atMs >= noticedAtMs && preemptedAtMs !== null
    return {
      nodeId,
      token,
      tags,
      offer,
      state,
      stateReason: state === 'PREEMPTED' || isNoticed ? node.preemptedReason : '',
      host: state === 'RUNNING' ? host : null,
      bootId: `${nodeId}-boot-${boots}`,
      hasRebooted: boots > 1,
      createdAtMs,
      ...(isNoticed ? { endsAtMs: preemptedAtMs } : {}),
    }
  }

  #nowMs(): number {
    return this.#settings.clock.now()
  }

  /** A time up to the consistency window ago. */
  #seenAtMs(): number {
    const lag = this.consistencyWindowMs * unit(this.#settings.seed, 'lag', String(this.world.calls))
    return this.#nowMs() - Math.round(lag)
  }
}

const accident = { kind: 'transient', scope: 'infra' } as const

function failureOf(
  method: SimMethod,
  { kind, scope }: Pick<ScriptedFailure, 'kind' | 'scope'>,
): ProviderError {
  return new ProviderError(kind, `sim: ${method} fails as it was told`, { scope })
}

function isThere(node: SimNode, atMs: number): boolean {
  return atMs >= node.createdAtMs && !isDeleted(node, atMs)
}

function stateOf(node: SimNode, atMs: number): NodeState {
  if (isPreempted(node, atMs)) return 'PREEMPTED'
  return atMs < node.runsFromMs ? 'BOOTING' : 'RUNNING'
}
