import type { Clock } from '@skykeep/core/clock'
import type { CanPreempt, HasLocalHomes } from '@skykeep/provider-contract/capabilities'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { FolderNode } from '@skykeep/provider-contract/folder-nodes'
import { folderNodeId, FolderNodes, machineBootId } from '@skykeep/provider-contract/folder-nodes'
import type {
  NodeDescription,
  NodeRequest,
  NodeState,
  Offer,
  OfferQuery,
  Provider,
} from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { unit } from './seeded.ts'
import type { SimInstanceType, SimZone } from './sim-catalog.ts'
import { defaultTypes, defaultZones, simOffers } from './sim-catalog.ts'
import type { ScriptedFailure, SimMemory } from './sim-state.ts'
import { SimState } from './sim-state.ts'

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

/** A cloud that is not there: offers, stock, boots and preemptions are simulated, what runs on its nodes is real. */
export class SimProvider implements Provider, CanPreempt, HasLocalHomes {
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
    this.#nodes = new FolderNodes({ root: settings.root, jobEnv: settings.jobEnv, host: '127.0.0.1' })
    this.#state = new SimState(settings.root)
    this.#clock = settings.clock
    this.#seed = settings.seed
    this.#zones = settings.zones ?? defaultZones
    this.#offers = simOffers(settings.seed, this.#zones, settings.types ?? defaultTypes)
  }

  async listOffers(query: OfferQuery): Promise<readonly Offer[]> {
    await this.#failIfScripted('listOffers')
    return this.#offers.filter(
      (offer) =>
        offer.cpus >= (query.cpus ?? 0) &&
        offer.memoryGiB >= (query.memoryGiB ?? 0) &&
        (query.region ?? offer.region) === offer.region &&
        (query.zone ?? offer.zone) === offer.zone &&
        (query.isSpot ?? offer.isSpot) === offer.isSpot,
    )
  }

  createNode(request: NodeRequest): Promise<NodeDescription> {
    const created = this.#lastCreate.then(() => this.#create(request))
    this.#lastCreate = created.catch(() => undefined)
    return created
  }

  async describeNode(nodeId: string): Promise<NodeDescription> {
    await this.#failIfScripted('describeNode')
    return this.#describe(await this.#nodes.read(nodeId), await this.#state.read())
  }

  async deleteNode(nodeId: string): Promise<void> {
    await this.#failIfScripted('deleteNode')
    await this.#nodes.remove(nodeId)
    await this.#state.change((memory) => {
      const { [nodeId]: gone, ...preempted } = memory.preempted
      return gone === undefined ? memory : { ...memory, preempted }
    })
  }

  async listNodes(installationId: string): Promise<readonly NodeDescription[]> {
    await this.#failIfScripted('listNodes')
    const memory = await this.#state.read()
    const mine = (await this.#nodes.list()).filter(({ tags }) => tags.installationId === installationId)
    return Promise.all(mine.map((node) => this.#describe(node, memory)))
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
    await this.#failIfScripted('createNode')
    const memory = await this.#state.read()
    const { token, tags, offer, resources } = request
    const nodeId = folderNodeId(tags.installationId, token)
    const existing = await this.#nodes.find(nodeId)
    if (existing !== null) return this.#describe(existing, memory)
    if (!this.#offers.some(({ id }) => id === offer.id))
      throw new ProviderError('invalid', `sim has no offer ${offer.id}`)
    const stock = memory.stock[offer.id] ?? this.#zoneOf(offer).stock
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
    const { state, stateReason } = this.#stateOf(node, memory)
    if (state === 'PREEMPTED') await this.#nodes.killProcesses(node)
    const { nodeId, token, tags, offer, bootId, createdAtMs } = node
    const host = state === 'RUNNING' ? '127.0.0.1' : null
    return { nodeId, token, tags, offer, state, stateReason, host, bootId, hasRebooted: false, createdAtMs }
  }

  #stateOf(node: FolderNode, memory: SimMemory): { readonly state: NodeState; readonly stateReason: string } {
    const { bootMs, meanSpotLifeMs, zone } = this.#zoneOf(node.offer)
    const reason = memory.preempted[node.nodeId]
    if (reason !== undefined) return { state: 'PREEMPTED', stateReason: reason }
    const ageMs = this.#clock.now() - node.createdAtMs
    const [least, most] = bootMs
    const bootsInMs = least + (most - least) * unit(this.#seed, 'boot', node.nodeId)
    if (ageMs < bootsInMs)
      return { state: 'BOOTING', stateReason: `boots for ${Math.ceil(bootsInMs - ageMs)} ms more` }
    if (node.offer.isSpot && meanSpotLifeMs !== null) {
      // Lives between preemptions are taken as exponential: inverse of its distribution function.
      const lifeMs = -Math.log(1 - unit(this.#seed, 'life', node.nodeId)) * meanSpotLifeMs
      if (ageMs >= bootsInMs + lifeMs)
        return { state: 'PREEMPTED', stateReason: `spot capacity of ${zone} was taken back` }
    }
    return { state: 'RUNNING', stateReason: '' }
  }

  #zoneOf(offer: Offer): SimZone {
    const zone = this.#zones.find((candidate) => candidate.zone === offer.zone)
    if (zone === undefined) throw new ProviderError('invalid', `sim has no zone ${offer.zone}`)
    return zone
  }

  async #failIfScripted(method: ScriptedFailure['method']): Promise<void> {
    let failed: ScriptedFailure | undefined
    await this.#state.change((memory) => {
      const index = memory.failures.findIndex((failure) => failure.method === method && failure.times > 0)
      failed = memory.failures[index]
      if (failed === undefined) return memory
      const left = { ...failed, times: failed.times - 1 }
      const failures = memory.failures.with(index, left).filter(({ times }) => times > 0)
      return { ...memory, failures }
    })
    if (failed !== undefined) {
      throw new ProviderError(failed.kind, `sim: ${method} fails as it was told`, { scope: failed.scope })
    }
  }
}
