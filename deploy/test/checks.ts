import { readFileSync } from 'node:fs'
import path from 'node:path'
import { root } from '../../packages/tooling/src/repository.ts'

/** Runs named checks one after the other, prints a line for each, and counts. */
export class Checks {
  #passed = 0
  #failed = 0
  #skipped = 0

  /** Throws what the check throws, after it was told: what comes later rests on it. */
  async check(name: string, action: () => Promise<void>): Promise<void> {
    const startedAtMs = performance.now()
    try {
      await action()
    } catch (error) {
      this.#failed += 1
      say(`FAIL  ${name}\n${error instanceof Error ? error.message : String(error)}`)
      throw error
    }
    this.#passed += 1
    say(`pass  ${name} (${Math.round((performance.now() - startedAtMs) / 1000)} s)`)
  }

  skip(name: string, why: string): void {
    this.#skipped += 1
    say(`skip  ${name}: ${why}`)
  }

  /** @returns how many failed. */
  sum(): number {
    say(`${this.#passed} passed, ${this.#failed} failed, ${this.#skipped} skipped`)
    return this.#failed
  }
}

export function say(line: string): void {
  process.stdout.write(`${line}\n`)
}

/** Throws unless the text has what is wanted. */
export function demand(text: string, wanted: RegExp | string): void {
  const has = typeof wanted === 'string' ? text.includes(wanted) : wanted.test(text)
  if (!has) throw new Error(`wanted ${String(wanted)} in:\n${text}`)
}

/** The text of a page of docs/. */
export function pageText(page: string): string {
  return readFileSync(path.join(root, 'docs', page), 'utf8')
}

/** Its first shell block, as a person would paste it. */
export function shellBlock(page: string): string {
  return /```sh\n([^`]*)```/.exec(pageText(page))?.[1] ?? ''
}
