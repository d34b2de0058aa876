import { mkdir, readFile, rename, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { ScriptedFailure } from './sim-faults.ts'

/** What the simulated cloud remembers beside its nodes. */
export interface SimMemory {
  /** By node id: why it was taken back. */
  readonly preempted: Readonly<Record<string, string>>
  /** By offer id: the stock where it is not the zone's. */
  readonly stock: Readonly<Record<string, number>>
  readonly failures: readonly ScriptedFailure[]
}

const nothing: SimMemory = { preempted: {}, stock: {}, failures: [] }

/** The memory as a file that changes by rename; changes within a process come one after the other. */
export class SimState {
  readonly #root: string
  #last: Promise<unknown> = Promise.resolve()

  constructor(root: string) {
    this.#root = root
  }

  async read(): Promise<SimMemory> {
    const text = await readFile(this.#path(), 'utf8').catch(() => null)
    // Written whole by `change` and by nobody else.
    return text === null ? nothing : (JSON.parse(text) as SimMemory)
  }

  change(by: (memory: SimMemory) => SimMemory): Promise<void> {
    const turn = this.#last.then(() => this.#changeNow(by))
    this.#last = turn.catch(() => undefined)
    return turn
  }

  async #changeNow(by: (memory: SimMemory) => SimMemory): Promise<void> {
    const before = await this.read()
    const after = by(before)
    if (after === before) return
    await mkdir(this.#root, { recursive: true, mode: 0o700 })
    await writeFile(`${this.#path()}.new`, JSON.stringify(after), { mode: 0o600 })
    await rename(`${this.#path()}.new`, this.#path())
  }

  #path(): string {
    return join(this.#root, 'sim.json')
  }
}
