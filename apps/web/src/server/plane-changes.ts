import type { PlaneReader } from '@skykeep/actions/plane-reader'
import type { StateKeeper } from '@skykeep/actions/state-keeper'

type Changing = Pick<PlaneReader, 'processes' | 'storage' | 'recentGateways'> & Pick<StateKeeper, 'work'>

const lookEveryMs = 2_000
/** While a part is missing, what is shown may age without any event (a dead worker writes none). */
const repeatEveryLooks = 5

/**
 * Notices what writes no event: a process that died, a disk that takes no write, a backup that begins or ends, a gateway process that
 * finds a fault, or takes a replica out of its choice or back in. Looks only while somebody listens, once for all of them.
 */
export class PlaneChanges {
  readonly #plane: Changing
  readonly #listeners = new Set<() => void>()
  #timer: NodeJS.Timeout | undefined
  #last: string | undefined
  #looks = 0

  constructor(plane: Changing) {
    this.#plane = plane
  }

  /** Calls the listener after each change. Returns how to stop. */
  onChange(listener: () => void): () => void {
    this.#listeners.add(listener)
    this.#schedule()
    return () => {
      this.#listeners.delete(listener)
      if (this.#listeners.size > 0) return
      clearTimeout(this.#timer)
      this.#timer = undefined
      this.#last = undefined
    }
  }

  #schedule(): void {
    this.#timer ??= setTimeout(() => void this.#look(), lookEveryMs).unref()
  }

  async #look(): Promise<void> {
    const [processes, storage, gateways] = await Promise.all([
      this.#plane.processes(),
      this.#plane.storage(),
      this.#plane.recentGateways(),
    ])
    const isWhole =
      storage.state === 'ok' &&
      processes.some(({ name }) => name === 'worker') &&
      processes.every(({ state }) => state === 'running' || state === 'draining')
    const parts = processes.map(({ name, pid, state, faults }) => `${name} ${pid} ${state} ${faults.length}`)
    const work = this.#plane.work().map(({ kind, pid }) => `${kind} ${pid}`)
    const out = gateways.flatMap(({ slot, ejected }) =>
      ejected.map(({ replicaUid, sinceMs }) => `${slot} ${replicaUid} ${sinceMs}`),
    )
    const seen = [storage.state, storage.reason, ...parts, ...work, ...out.toSorted()].join('\n')
    this.#looks += 1
    const isOld = !isWhole && this.#looks % repeatEveryLooks === 0
    // The first look has nothing to compare with: what it sees may be newer than what the page has read.
    const isChanged = this.#last !== seen
    this.#last = seen
    if (isChanged || isOld) for (const listener of this.#listeners) listener()
    this.#timer = undefined
    if (this.#listeners.size > 0) this.#schedule()
  }
}
