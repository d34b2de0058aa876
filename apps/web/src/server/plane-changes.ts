import type { PlaneReader } from '@skykeep/actions/plane-reader'
import type { StateKeeper } from '@skykeep/actions/state-keeper'

type Changing = Pick<PlaneReader, 'processes' | 'storage'> & Pick<StateKeeper, 'work'>

const lookEveryMs = 2_000
/** While a part is missing, what is shown may age without any event (a dead worker writes none). */
const repeatEveryLooks = 5

/**
 * Notices what writes no event: a process that died, a disk that takes no write, a backup that begins or ends. Looks only while somebody listens, once for all of them.
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
    const [processes, storage] = await Promise.all([this.#plane.processes(), this.#plane.storage()])
    const isWhole =
      storage.state === 'ok' &&
      processes.some(({ name }) => name === 'worker') &&
      processes.every(({ state }) => state === 'running' || state === 'draining')
    const parts = processes.map(({ name, pid, state }) => `${name} ${pid} ${state}`)
    const work = this.#plane.work().map(({ kind, pid }) => `${kind} ${pid}`)
    const seen = [storage.state, storage.reason, ...parts, ...work].join('\n')
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
