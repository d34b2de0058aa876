import type { Clock } from '@skykeep/core/clock'
import { availableParallelism, totalmem } from 'node:os'
import type {
  CapacityReport,
  HasCapacity,
  HasLocalHomes,
  ListenerProof,
  ProvesEndpoints,
  SharesHost,
} from '@skykeep/provider-contract/capabilities'
import { ProviderError } from '@skykeep/provider-contract/errors'
import type { FolderNode } from '@skykeep/provider-contract/folder-nodes'
import { folderNodeId, FolderNodes, machineBootId } from '@skykeep/provider-contract/folder-nodes'
import type {
  Call,
  NodeDescription,
  NodeRequest,
  Offer,
  OfferQuery,
  Provider,
  Resources,
} from '@skykeep/provider-contract/provider'
import type { Runner } from '@skykeep/provider-contract/runner'
import { proveListener } from './listener-proof.ts'

export interface LocalSettings {
  /** Folder of the nodes: `<persistent path>/local`. */
  readonly root: string
  /** What jobs get beside HOME and TMPDIR: PATH (so that `node` and `python3` are found), LANG, TZ, USER, SHELL. */
  readonly jobEnv: Readonly<Record<string, string>>
  readonly clock: Clock
  /** What may be handed out; defaults to this machine's. Accounting only: nothing is enforced by the kernel yet. */
  readonly totalCpus?: number
  readonly totalMemoryGiB?: number
  /** Source of the boot id; defaults to the kernel's. */
  readonly readBootId?: () => Promise<string>
}

/** What a node counts that names no cpus: idle services are many and cheap, and nothing enforces the number. */
export const defaultCpus = 0.1
const bytesPerGiB = 1024 ** 3
const loopback = '127.0.0.1'
const zone = { region: 'local', zone: 'local' }

/** This machine as an infra: a node is a folder and its processes, reached by spawn. */
export class LocalProvider implements Provider, HasCapacity, HasLocalHomes, ProvesEndpoints, SharesHost {
  readonly infra = 'local'
  readonly consistencyWindowMs = 0
  readonly #nodes: FolderNodes
  readonly #clock: Clock
  readonly #total: { readonly cpus: number; readonly memoryGiB: number }
  readonly #readBootId: () => Promise<string>
  /** Creates run one after the other, so that two cannot both take the last core. */
  #lastCreate: Promise<unknown> = Promise.resolve()

  constructor(settings: LocalSettings) {
    this.#nodes = new FolderNodes({ root: settings.root, jobEnv: settings.jobEnv, host: loopback })
    this.#clock = settings.clock
    this.#readBootId = settings.readBootId ?? machineBootId
    this.#total = {
      cpus: settings.totalCpus ?? availableParallelism(),
      memoryGiB: settings.totalMemoryGiB ?? totalmem() / bytesPerGiB,
    }
  }

  async listOffers(query: OfferQuery): Promise<readonly Offer[]> {
    const { cpus, memoryGiB } = this.#total
    const isElsewhere = [query.region, query.zone].some((place) => place !== undefined && place !== 'local')
    if (isElsewhere || query.isSpot === true || query.accelerator !== undefined) return []
    if ((query.cpus ?? 0) > cpus || (query.memoryGiB ?? 0) > memoryGiB) return []
    return [
      { id: 'local', ...zone, instanceType: 'local', cpus, memoryGiB, isSpot: false, priceUsdPerHour: 0 },
    ]
  }

  createNode(request: NodeRequest, call: Call = {}): Promise<NodeDescription> {
    const created = this.#lastCreate.then(() => this.#create(request, call))
    this.#lastCreate = created.catch(() => undefined)
    return created
  }

  async describeNode(nodeId: string): Promise<NodeDescription> {
    return describe(await this.#nodes.read(nodeId), await this.#readBootId())
  }

  async deleteNode(nodeId: string): Promise<void> {
    await this.#nodes.remove(nodeId)
  }

  async listNodes(installationId: string): Promise<readonly NodeDescription[]> {
    const bootId = await this.#readBootId()
    const nodes = await this.#nodes.list()
    return nodes
      .filter(({ tags }) => tags.installationId === installationId)
      .map((node) => describe(node, bootId))
  }

  async runner(nodeId: string): Promise<Runner> {
    return this.#nodes.runnerOf(await this.#nodes.read(nodeId))
  }

  async capacity(): Promise<CapacityReport> {
    const counted = (await this.#nodes.list()).map(({ resources }) => countedOf(resources))
    return {
      totalCpus: this.#total.cpus,
      usedCpus: counted.reduce((sum, { cpus }) => sum + cpus, 0),
      totalMemoryGiB: this.#total.memoryGiB,
      usedMemoryGiB: counted.reduce((sum, { memoryGiB }) => sum + memoryGiB, 0),
    }
  }

  async proveListener(nodeId: string, port: number): Promise<ListenerProof> {
    return proveListener((await this.#nodes.read(nodeId)).mark, port)
  }

  homeFolderOf(nodeId: string): string {
    return this.#nodes.homeOf(nodeId)
  }

  sharedHost(): string {
    return loopback
  }

  async #create(request: NodeRequest, call: Call): Promise<NodeDescription> {
    const bootId = await this.#readBootId()
    const nodeId = folderNodeId(request.tags.installationId, request.token)
    if ((await this.#nodes.find(nodeId)) === null) this.#assertFits(request.resources, await this.capacity())
    if (call.signal?.aborted === true)
      throw new ProviderError('transient', 'the create was called off before it began')
    const { token, tags, offer, resources } = request
    const createdAtMs = this.#clock.now()
    return describe(
      await this.#nodes.create({ nodeId, token, tags, offer, resources, bootId, createdAtMs }),
      bootId,
    )
  }

  #assertFits(
    wanted: Resources,
    { totalCpus, usedCpus, totalMemoryGiB, usedMemoryGiB }: CapacityReport,
  ): void {
    const { cpus, memoryGiB } = countedOf(wanted)
    const misfits = [
      misfit('CPUs', cpus, usedCpus, totalCpus),
      misfit('GiB of memory', memoryGiB, usedMemoryGiB, totalMemoryGiB),
    ].filter((text) => text !== null)
    if (misfits.length === 0) return
    throw new ProviderError('capacity', `local is full: ${misfits.join('; ')}`, {
      hint: 'Take a service down, ask for less in `resources`, or raise what this machine may hand out (local.cpus, local.memory).',
    })
  }
}

function countedOf(resources: Resources): { readonly cpus: number; readonly memoryGiB: number } {
  return { cpus: resources.cpus ?? defaultCpus, memoryGiB: resources.memoryGiB ?? 0 }
}

function misfit(unit: string, wanted: number, used: number, total: number): string | null {
  // Sums of tenths are not exact in binary.
  if (used + wanted <= total + 1e-9) return null
  return `${rounded(wanted)} ${unit} wanted, ${rounded(used)} of ${rounded(total)} in use`
}

function rounded(amount: number): string {
  return String(Math.round(amount * 100) / 100)
}

function describe(node: FolderNode, bootId: string): NodeDescription {
  const hasRebooted = node.bootId !== bootId
  return {
    nodeId: node.nodeId,
    token: node.token,
    tags: node.tags,
    offer: node.offer,
    state: 'RUNNING',
    stateReason: hasRebooted ? 'this machine or container was started again since the node was created' : '',
    host: loopback,
    bootId,
    hasRebooted,
    createdAtMs: node.createdAtMs,
  }
}
