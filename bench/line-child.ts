import { createInterface } from 'node:readline'
import type { Readable, Writable } from 'node:stream'

interface Waiting {
  readonly resolve: (line: string) => void
  readonly reject: (error: Error) => void
}

/** A child process that answers each line with one line, in order. */
export class LineChild {
  private readonly stdin: Writable
  private readonly waiting: Waiting[] = []
  private isGone = false

  constructor({ stdin, stdout }: { readonly stdin: Writable; readonly stdout: Readable }) {
    this.stdin = stdin
    const lines = createInterface({ input: stdout })
    lines.on('line', (line) => this.waiting.shift()?.resolve(line))
    lines.on('close', () => {
      this.isGone = true
      for (const { reject } of this.waiting.splice(0)) reject(gone())
    })
  }

  /** @throws when the child ends without an answer; why stands on its standard error. */
  async ask(line: string): Promise<string> {
    if (this.isGone) throw gone()
    return await new Promise((resolve, reject) => {
      this.waiting.push({ resolve, reject })
      this.stdin.write(`${line}\n`)
    })
  }

  /** It ends when it has read the end. */
  close(): void {
    this.stdin.end()
  }
}

function gone(): Error {
  return new Error('the child ended without an answer: see above')
}
