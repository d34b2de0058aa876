import type { Finding } from './case-check.ts'

interface Class {
  count: number
  readonly why: string
  /** The first of them: its seed, or the name of the attack. */
  readonly example: string
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
    this.take(findings, `--seed ${seed} --cases 1`, `seed ${seed}`)
  }

  /** An attack of the corpus, which counts for itself. */
  addAttack(attack: string, findings: readonly Finding[]): void {
    this.take(findings, `the attack "${attack}"`, attack)
  }

  private take(findings: readonly Finding[], how: string, example: string): void {
    for (const { name, why, detail } of findings) {
      if (why === '') this.failures.push(`${how}: ${name}\n    ${detail}`)
      else {
        const known = this.classes.get(name)
        if (known === undefined) this.classes.set(name, { count: 1, why, example })
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
        ([name, { count, why, example }]) =>
          `${String(count).padStart(7)}  ${name}\n         ${why} (${example})`,
      ),
      `${this.failures.length} unexplained`,
      ...this.failures.slice(0, 40).map((failure) => `  ${failure}`),
    ].join('\n')
  }
}
