import { noteCoverage } from '@skykeep/db/traffic-rollups'
import { write, type ControllerContext } from '../context.ts'

/** While nothing is asked of any service, that it was counted is written this often. */
const idleEveryMs = 10_000

/** Keeps in the database over which seconds counts are whole, so that a chart shows a gap where they are not, and 0 where nobody asked. */
export class CountCoverage {
  readonly #context: ControllerContext
  #writtenAtMs = Number.NEGATIVE_INFINITY
  #writtenTo = -1

  constructor(context: ControllerContext) {
    this.#context = context
  }

  /** @param isBusy counts were stored just now. */
  async note(
    covered: { readonly fromSecond: number; readonly toSecond: number } | null,
    isBusy: boolean,
  ): Promise<void> {
    const nowMs = this.#context.clock.monotonicMs()
    if (covered === null || covered.toSecond === this.#writtenTo) return
    if (!isBusy && nowMs - this.#writtenAtMs < idleEveryMs) return
    await write(this.#context, (tx) => noteCoverage(tx, covered.fromSecond, covered.toSecond))
    this.#writtenAtMs = nowMs
    this.#writtenTo = covered.toSecond
  }
}
