import type { CliEnv } from '../env.ts'
import { cut } from './width.ts'

const hideCursor = '\u001B[?25l'
const showCursor = '\u001B[?25h'
const home = '\u001B[H'
const restOfLine = '\u001B[K'
const restOfScreen = '\u001B[J'

/** A terminal that is drawn over in place. What does not fit is cut, so that nothing scrolls. */
export class Screen {
  readonly #env: Pick<CliEnv, 'columns'>
  #isBegun = false

  constructor(env: Pick<CliEnv, 'columns'>) {
    this.#env = env
  }

  /** Draws the lines, and the foot below them whatever their number. */
  draw(lines: readonly string[], foot: readonly string[]): void {
    const room = Math.max(1, process.stdout.rows - foot.length - 1)
    const shown =
      lines.length <= room ? lines : [...lines.slice(0, room - 1), `… ${lines.length - room + 1} more lines`]
    const text = [...shown, ...foot].map((line) => `${cut(line, this.#env.columns)}${restOfLine}`).join('\n')
    // The whole screen once: what was on it before stays in the history of the terminal.
    const begin = this.#isBegun ? home : `${hideCursor}${home}${restOfScreen}`
    this.#isBegun = true
    process.stdout.write(`${begin}${text}${restOfScreen}`)
  }

  /** Gives the cursor back, below what was drawn; once. */
  end(): void {
    if (this.#isBegun) process.stdout.write(`${showCursor}\n`)
    this.#isBegun = false
  }
}
