import type { Finding } from './case-check.ts'

interface Class {
  count: number
  readonly why: string
  readonly seed: number
}

/** Counts of a run by class. */
export class FuzzReport {
  private cases = 0
  private same = 0
  private readonly classes = new Map<string, Class>()
  private readonly failures: string[] = []
  private readonly readers: readonly string[]

  constructor(readers: readonly string[]) {
    this.readers = readers
  }

  add(seed: number, findings: readonly Finding[]): void {
    this.cases += 1
    if (findings.length === 0) this.same += 1
    for (const { name, why, detail } of findings) {
      if (why === '') this.failures.push(`--seed ${seed} --cases 1: ${name}\n    ${detail}`)
      else {
        const known = this.classes.get(name)
        if (known === undefined) this.classes.set(name, { count: 1, why, seed })
        else known.count += 1
      }
    }
  }

  get hasFailed(): boolean {
    return this.failures.length > 0
  }

  text(): string {
    const rows = [...this.classes].toSorted(([, a], [, b]) => b.count - a.count)
    return [
      `${this.cases} cases; ${this.same} alike in ours, nginx and HAProxy; forwarded bytes read by ${this.readers.join(', ')}`,
      ...rows.map(
        ([name, { count, why, seed }]) =>
          `${String(count).padStart(7)}  ${name}\n         ${why} (seed ${seed})`,
      ),
      `${this.failures.length} unexplained`,
      ...this.failures.slice(0, 40).map((failure) => `  ${failure}`),
    ].join('\n')
  }
}
