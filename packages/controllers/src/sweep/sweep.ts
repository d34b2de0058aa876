import { SkykeepError } from '@skykeep/core/errors'
import { appendEvent } from '@skykeep/db/events'
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
    for (const provider of this.#context.providers.values()) {
      for (const node of await this.#list(provider)) {
        const owner = await this.#ownerOf(node)
        const verdict = judgeNode(
          { nodeId: node.nodeId, infra: provider.infra, ownerUid: node.tags.uid },
          owner,
        )
        if (verdict === 'reap') await this.#reap(provider, node)
        if (verdict === 'orphan') {
          found.push(`${provider.infra}/${node.nodeId}`)
          await this.#report(provider, node)
        }
      }
    }
    this.#orphans = found
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
      const { uid, status, nodeId } = await getReplica(this.#context.database, tags.uid)
      return { uid, status, nodeId }
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

  async #report(provider: Provider, node: NodeDescription): Promise<void> {
    const name = `${provider.infra}/${node.nodeId}`
    if (this.#reported.has(name)) return
    const message = `${name} carries our tag for ${node.tags.uid}, which no row here names; it is left alone`
    await write(this.#context, (tx) =>
      appendEvent(tx, {
        kind: 'system',
        uid: node.tags.uid,
        type: 'orphan.found',
        reason: 'NO_ROW',
        message,
        payload: { infra: provider.infra, nodeId: node.nodeId, ownerUid: node.tags.uid },
      }),
    )
    this.#reported.add(name)
    this.#context.log.warn({ infra: provider.infra, nodeId: node.nodeId }, message)
  }
}
