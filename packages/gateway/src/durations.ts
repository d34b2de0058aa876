/** How long things took, by bucket. */
export class Durations {
  /** One number a bound, and one for what took longer; empty before the first. */
  counts: number[] = []
  sumMs = 0
  private readonly boundsMs: readonly number[]

  /** @param boundsMs upper bounds, rising. */
  constructor(boundsMs: readonly number[]) {
    this.boundsMs = boundsMs
  }

  note(ms: number): void {
    const { boundsMs } = this
    if (this.counts.length === 0) this.counts = [...boundsMs.map(() => 0), 0]
    let bucket = 0
    // Most are short: the search begins at the lowest bound.
    while (bucket < boundsMs.length && ms > (boundsMs[bucket] ?? Infinity)) bucket += 1
    this.counts[bucket] = (this.counts[bucket] ?? 0) + 1
    this.sumMs += ms
  }
}
