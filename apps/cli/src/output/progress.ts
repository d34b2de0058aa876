import type { Terminal } from './terminal.ts'

/** Shows how far long work is: a line when it enters another phase, and one every two seconds. */
export class Progress {
  readonly #terminal: Terminal
  readonly #clock: { monotonicMs(): number }
  #phase = ''
  #lastAtMs = 0

  constructor(terminal: Terminal, clock: { monotonicMs(): number }) {
    this.#terminal = terminal
    this.#clock = clock
  }

  show(phase: string, text: () => string): void {
    const now = this.#clock.monotonicMs()
    if (phase === this.#phase && now - this.#lastAtMs < 2000) return
    this.#phase = phase
    this.#lastAtMs = now
    this.#terminal.note(text())
  }
}
