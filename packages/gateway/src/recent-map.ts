/** A map that keeps the entries which were used last: one that would be too many takes the place of the one that waited longest. */
export class RecentMap<V> {
  private readonly max: number
  private readonly entries = new Map<string, V>()

  /** @param max entries, 1 or more. */
  constructor(max: number) {
    this.max = max
  }

  /** The value, which counts as used now. */
  get(key: string): V | undefined {
    const value = this.entries.get(key)
    if (value === undefined) return undefined
    this.entries.delete(key)
    this.entries.set(key, value)
    return value
  }

  set(key: string, value: V): void {
    this.entries.delete(key)
    if (this.entries.size >= this.max) {
      const [oldest] = this.entries.keys()
      if (oldest !== undefined) this.entries.delete(oldest)
    }
    this.entries.set(key, value)
  }

  get size(): number {
    return this.entries.size
  }

  values(): Iterable<V> {
    return this.entries.values()
  }
}
