import type { Clock } from '@skykeep/core/clock'
import type { CanPreempt, HasLocalHomes, SharesHost } from '@skykeep/provider-contract/capabilities'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { FolderNode } from '@skykeep/provider-contract/folder-nodes'
import { folderNodeId, FolderNodes, machineBootId } from '@skykeep/provider-contract/folder-nodes'
import type {
  NodeDescription,
  NodeRequest,
  Offer,
  OfferQuery,
  Provider,
} from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import {
  bootMsOf,
  defaultTypes,
  defaultZones,
  lifeMsOf,
  matchingOffers,
  simOffers,
  zoneOf,
  type SimInstanceType,
  type SimZone,
} from './sim-catalog.ts'
import { takeFailure, type ScriptedFailure, type SimMethod } from './sim-faults.ts'
import { SimState, type SimMemory } from './sim-state.ts'

export interface SimSettings {
  /** Folder of the simulated cloud: its nodes and its memory. */
  readonly root: string
  /** What jobs get beside HOME and TMPDIR. */
  readonly jobEnv: Readonly<Record<string, string>>
  /** Boots and preemptions happen by this clock's wall time. */
  readonly clock: Clock
  /** Prices, boot times and lives of spot nodes are the same for the same seed. */
  readonly seed: string
  readonly zones?: readonly SimZone[]
  readonly types?: readonly SimInstanceType[]
}

const loopback = '127.0.0.1'

/** A cloud that is not there: offers, stock, boots and preemptions are simulated, what runs on its nodes is real. */
export class SimProvider implements Provider, CanPreempt, HasLocalHomes, SharesHost {
  readonly infra = 'sim'
  readonly consistencyWindowMs = 0
  readonly #nodes: FolderNodes
  readonly #state: SimState
  readonly #clock: Clock
  readonly #seed: string
  readonly #zones: readonly SimZone[]
  readonly #offers: readonly Offer[]
  #lastCreate: Promise<unknown> = Promise.resolve()

  constructor(settings: SimSettings) {
    this.#nodes = new FolderNodes({ root: settings.root, jobEnv: settings.jobEnv, host: loopback })
    this.#state = new SimState(settings.root)
    this.#clock = settings.clock
    this.#seed = settings.seed
    this.#zones = settings.zones ?? defaultZones
    this.#offers = simOffers(settings.seed, this.#zones, settings.types ?? defaultTypes)
  }

  listOffers(query: OfferQuery): Promise<readonly Offer[]> {
    return this.#call('listOffers', () => Promise.resolve(matchingOffers(this.#offers, query)))
  }

  createNode(request: NodeRequest): Promise<NodeDescription> {
    const created = this.#lastCreate.then(() => this.#call('createNode', () => this.#create(request)))
    this.#lastCreate = created.catch(() => undefined)
    return created
  }

  describeNode(nodeId: string): Promise<NodeDescription> {
    return this.#call('describeNode', async () =>
      this.#describe(await this.#nodes.read(nodeId), await this.#state.read()),
    )
  }

  deleteNode(nodeId: string): Promise<void> {
    return this.#call('deleteNode', async () => {
      await this.#nodes.remove(nodeId)
      await this.#state.change((memory) => {
        const { [nodeId]: gone, ...preempted } = memory.preempted
        return gone === undefined ? memory : { ...memory, preempted }
      })
    })
  }

  listNodes(installationId: string): Promise<readonly NodeDescription[]> {
    return this.#call('listNodes', async () => {
      const memory = await this.#state.read()
      const mine = (await this.#nodes.list()).filter(({ tags }) => tags.installationId === installationId)
      return Promise.all(mine.map((node) => this.#describe(node, memory)))
    })
  }

  async runner(nodeId: string): Promise<Runner> {
    const node = await this.#nodes.read(nodeId)
    const { state, stateReason } = await this.#describe(node, await this.#state.read())
    if (state === 'PREEMPTED')
      throw new ProviderError('not-found', `node ${nodeId} was taken back: ${stateReason}`)
    if (state !== 'RUNNING') throw new ProviderError('transient', `node ${nodeId} is ${state}`)
    return this.#nodes.runnerOf(node)
  }

  homeFolderOf(nodeId: string): string {
    return this.#nodes.homeOf(nodeId)
  }

  sharedHost(): string {
    return loopback
  }

  async preemptNode(nodeId: string): Promise<NodeDescription> {
    const node = await this.#nodes.read(nodeId)
    await this.#state.change((memory) => ({
      ...memory,
      preempted: { ...memory.preempted, [nodeId]: 'on request' },
    }))
    return this.#describe(node, await this.#state.read())
  }

  /** Sets how many nodes of an offer there can be; 0 is a stock-out. Kept over restarts. */
  async setStock(offerId: string, stock: number): Promise<void> {
    await this.#state.change((memory) => ({ ...memory, stock: { ...memory.stock, [offerId]: stock } }))
  }

  /** Makes the next calls of a method fail. Kept over restarts. */
  async failNext(failure: ScriptedFailure): Promise<void> {
    await this.#state.change((memory) => ({ ...memory, failures: [...memory.failures, failure] }))
  }

  async #create(request: NodeRequest): Promise<NodeDescription> {
    const memory = await this.#state.read()
    const { token, tags, offer, resources } = request
    const nodeId = folderNodeId(tags.installationId, token)
    const existing = await this.#nodes.find(nodeId)
    if (existing !== null) return this.#describe(existing, memory)
    if (!this.#offers.some(({ id }) => id === offer.id))
      throw new ProviderError('invalid', `sim has no offer ${offer.id}`)
    const stock = memory.stock[offer.id] ?? zoneOf(this.#zones, offer).stock
    const used = (await this.#nodes.list()).filter((node) => node.offer.id === offer.id).length
    if (used >= stock) {
      throw new ProviderError('capacity', `${offer.id} is out of stock: ${used} of ${stock} in use`, {
        scope: 'zone',
      })
    }
    const bootId = await machineBootId()
    const createdAtMs = this.#clock.now()
    return this.#describe(
      await this.#nodes.create({ nodeId, token, tags, offer, resources, bootId, createdAtMs }),
      memory,
    )
  }

  /** What the clock says of a node; what was taken back is ended when that is first seen. */
  async #describe(node: FolderNode, memory: SimMemory): Promise<NodeDescription> {
    const seen = this.#stateOf(node, memory)
    if (seen.state === 'PREEMPTED') await this.#nodes.killProcesses(node)
    const { nodeId, token, tags, offer, bootId, createdAtMs } = node
    const host = seen.state === 'RUNNING' ? loopback : null
    return { nodeId, token, tags, offer, ...seen, host, bootId, hasRebooted: false, createdAtMs }
  }

  #stateOf(node: FolderNode, memory: SimMemory): SeenState {
    const zone = zoneOf(this.#zones, node.offer)
    const reason = memory.preempted[node.nodeId]
    if (reason !== undefined) return { state: 'PREEMPTED', stateReason: reason }
    const nowMs = this.#clock.now()
    const runsFromMs = node.createdAtMs + bootMsOf(this.#seed, zone, node.nodeId)
    if (nowMs < runsFromMs)
      return { state: 'BOOTING', stateReason: `boots for ${Math.ceil(runsFromMs - nowMs)} ms more` }
    const lifeMs = lifeMsOf(this.#seed, zone, node)
    if (lifeMs === null) return { state: 'RUNNING', stateReason: '' }
    const endsAtMs = Math.round(runsFromMs + lifeMs)
    const stateReason = `spot capacity of ${zone.zone} was taken back`
    if (nowMs >= endsAtMs) return { state: 'PREEMPTED', stateReason }
    return nowMs >= endsAtMs - (zone.noticeMs ?? 0)
      ? { state: 'RUNNING', stateReason, endsAtMs }
      : { state: 'RUNNING', stateReason: '' }
  }

  /** One call with the failure that was asked for, before it does anything or in place of its answer. */
  async #call<T>(method: SimMethod, effect: () => Promise<T>): Promise<T> {
    let asked: ScriptedFailure | undefined
    await this.#state.change((memory) => {
      const { failure, left } = takeFailure(memory.failures, method)
      asked = failure
      return failure === undefined ? memory : { ...memory, failures: left }
    })
    if (asked === undefined) return effect()
    if (asked.isReplyLost === true) await effect()
    throw new ProviderError(asked.kind, `sim: ${method} fails as it was told`, { scope: asked.scope })
  }
}

type SeenState = Pick<NodeDescription, 'state' | 'stateReason' | 'endsAtMs'>
