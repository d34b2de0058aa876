import { isSkykeepError } from '@skykeep/core/errors'
import type { GatewayStatus } from '@skykeep/core/routes'
import { getStatus, postReload } from './gateway-answers.ts'
import type { GatewayChannel } from './gateway-channel.ts'
import type { SeenGateway } from './gateway-view.ts'

/** The gateway processes as last seen. One that does not answer stays in the list for as long as its process lives. */
export class Gateways {
  readonly channel: GatewayChannel
  #seen: readonly SeenGateway[] = []
  #hasLooked = false

  constructor(channel: GatewayChannel) {
    this.channel = channel
  }

  get seen(): readonly SeenGateway[] {
    return this.#seen
  }

  /** False before the first look: nobody seen is not the same as nobody there. */
  get hasLooked(): boolean {
    return this.#hasLooked
  }

  get answering(): readonly { readonly name: string; readonly status: GatewayStatus }[] {
    return this.#seen.flatMap(({ name, state, status }) =>
      state === 'answering' && status !== null ? [{ name, status }] : [],
    )
  }

  /** Asks every living process, and makes those reload that have not applied the version that is on disk. */
  async look(diskVersion: number | null): Promise<void> {
    const names = this.channel.living()
    this.#seen = await Promise.all(names.map((name) => this.#ask(name, diskVersion)))
    this.#hasLooked = true
  }

  async #ask(name: string, diskVersion: number | null): Promise<SeenGateway> {
    try {
      const status = await getStatus(this.channel, name)
      const isBehind = diskVersion !== null && status.appliedVersion < diskVersion
      return { name, state: 'answering', status: isBehind ? await postReload(this.channel, name) : status }
    } catch (error) {
      if (!isSkykeepError(error)) throw error
      const before = this.#seen.find((each) => each.name === name)
      return { name, state: 'silent', status: before?.status ?? null }
    }
  }
}
