import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
import { getInstallation } from '@skykeep/db/installation'
import { getReplica } from '@skykeep/db/replicas'
import { isProviderError } from '@skykeep/provider-contract/errors'
import type { NodeDescription, Provider } from '@skykeep/provider-contract/provider'
import { write, type ControllerContext } from '../context.ts'
import { judgeNode, type OwnerRow } from './decide.ts'

const deleteDeadlineMs = 5_000

/** Compares what the infras list under our tag with the rows: reaps what has a tombstone, reports what has no row. */
export class Sweep {
  readonly #context: ControllerContext
  readonly #reported = new Set<string>()
  #orphans: readonly string[] = []

  constructor(context: ControllerContext) {
    this.#context = context
  }

  /** Nodes that no row of this installation names, as `infra/nodeId`, from the last pass. */
  get orphans(): readonly string[] {
    return this.#orphans
  }

  async pass(): Promise<void> {
    const found: string[] = []
    const { restoredAtMs } = await getInstallation(this.#context.database)
    for (const provider of this.#context.providers.values()) {
      for (const node of await this.#list(provider)) {
        const owner = await this.#ownerOf(node)
        const verdict = judgeNode(
          { nodeId: node.nodeId, infra: provider.infra, ownerUid: node.tags.uid },
          owner,
          restoredAtMs,
        )
        if (verdict === 'reap') await this.#reap(provider, node)
        if (verdict === 'orphan') {
          found.push(`${provider.infra}/${node.nodeId}`)
          await this.#report(provider, node, owner)
        }
      }
    }
    this.#orphans = found
    for (const name of this.#reported) if (!found.includes(name)) this.#reported.delete(name)
  }

  /** An infra that does not answer says nothing about its nodes. */
  async #list(provider: Provider): Promise<readonly NodeDescription[]> {
    try {
      return await provider.listNodes(this.#context.installationId)
    } catch (error) {
      if (!isProviderError(error)) throw error
      this.#context.log.warn({ err: error, infra: provider.infra }, 'the sweep cannot list this infra')
      return []
    }
  }

  async #ownerOf({ tags }: NodeDescription): Promise<OwnerRow | undefined> {
    try {
      const row = await getReplica(this.#context.database, tags.uid)
      const { uid, status, nodeId, statusChangedAtMs } = row
      return { uid, status, nodeId, statusChangedAtMs }
    } catch (error) {
      if (error instanceof SkykeepError && error.code === 'NOT_FOUND') return undefined
      throw error
    }
  }

  /** The fence is checked in a transaction of its own first: a plane that was replaced deletes nothing. */
  async #reap(provider: Provider, node: NodeDescription): Promise<void> {
    await write(this.#context, async () => undefined)
    this.#context.log.warn(
      { infra: provider.infra, nodeId: node.nodeId },
      'a node outlived its replica: deleting it',
    )
    await provider.deleteNode(node.nodeId, { signal: AbortSignal.timeout(deleteDeadlineMs) })
  }

  async #report(provider: Provider, node: NodeDescription, owner: OwnerRow | undefined): Promise<void> {
    const name = `${provider.infra}/${node.nodeId}`
    if (this.#reported.has(name)) return
    const { uid, epoch = null } = node.tags
    const created = `created in epoch ${epoch ?? 'unknown'} at ${new Date(node.createdAtMs).toISOString()}`
    const message = `${name} carries our tag for ${uid}, ${whyOrphan(owner)}; it is left alone (${created})`
    await write(this.#context, (tx) =>
      appendEvent(tx, {
        kind: 'system',
        uid,
        type: 'orphan.found',
        reason: owner === undefined ? 'NO_ROW' : 'NOT_OURS',
        message,
        payload: {
          infra: provider.infra,
          nodeId: node.nodeId,
          ownerUid: uid,
          epoch,
          priceUsdPerHour: node.offer.priceUsdPerHour,
        },
      }),
    )
    this.#reported.add(name)
    this.#context.log.warn({ infra: provider.infra, nodeId: node.nodeId, epoch }, message)
  }
}

function whyOrphan(owner: OwnerRow | undefined): string {
  if (owner === undefined) return 'which no row here names'
  return owner.status === 'TERMINATED'
    ? 'whose row ended before this state was restored from a backup'
    : `whose row names the node ${owner.nodeId ?? '-'}`
}
