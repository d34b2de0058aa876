import { EventHub } from '@skykeep/actions/events/event-hub'
import type { WatchMessage } from '@skykeep/core/views'
import type { Database } from '@skykeep/db/handles'
import type { Watch } from '@skykeep/db/watch'
import type { PlaneChanges } from './plane-changes.ts'

/** The live stream, which also says "list again" when something changed that no event can tell of. */
export class PlaneHub extends EventHub {
  readonly #changes: Pick<PlaneChanges, 'onChange'>

  constructor(db: Database, watch: Watch, changes: Pick<PlaneChanges, 'onChange'>) {
    super(db, watch)
    this.#changes = changes
  }

  override async *subscribe(seq: number | null, signal: AbortSignal): AsyncGenerator<WatchMessage> {
    const ended = new AbortController()
    const events = super.subscribe(seq, AbortSignal.any([signal, ended.signal]))
    let lastSeq: number | null = null
    let isNews = false
    let wake = (): void => undefined
    const stop = this.#changes.onChange(() => {
      isNews = true
      wake()
    })
    try {
      let next = events.next()
      for (;;) {
        const woken = new Promise<null>((resolve) => {
          wake = () => resolve(null)
        })
        if (isNews && lastSeq !== null) {
          isNews = false
          yield { type: 'relist', reason: 'PLANE_CHANGED', seq: lastSeq }
          continue
        }
        const result = await Promise.race([next, woken])
        if (result === null) continue
        if (result.done === true) return
        lastSeq = result.value.seq
        next = events.next()
        yield result.value
      }
    } finally {
      stop()
      // Not awaited: a generator that waits ends when its signal does.
      ended.abort()
    }
  }
}
