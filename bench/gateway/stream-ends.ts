import { join } from 'node:path'
import { createInterface } from 'node:readline'
import { untilListening, type Children } from './children.ts'

/** What a batch of streams said. */
export interface AskedStreams {
  readonly events: number
  /** From the writing of an event to its reading behind the proxy, µs. */
  readonly p50Us: number
  readonly p99Us: number
}

/** Both ends of event streams, in one process that lives as long as the run: it is warm for whoever comes first, too. */
export class StreamEnds {
  readonly #ask: (line: string) => Promise<string>

  private constructor(ask: (line: string) => Promise<string>) {
    this.#ask = ask
  }

  /** Starts it on a core, serving both ports. */
  static async start(children: Children, core: number, ports: readonly number[]): Promise<StreamEnds> {
    const program = join(import.meta.dirname, 'streams.ts')
    const { stdin, stdout } = children.startAsked(core, [process.execPath, program, ...ports.map(String)])
    await Promise.all(ports.map((port) => untilListening(port)))
    const lines = createInterface({ input: stdout })[Symbol.asyncIterator]()
    return new StreamEnds(async (line) => {
      stdin.write(`${line}\n`)
      const { value, done } = await lines.next()
      if (done === true) throw new Error('a stream broke: see above')
      return value
    })
  }

  /** So many streams at once through a port, each of so many events, one every 10 ms, so many `times` one after another. @throws when one breaks. */
  async ask(port: number, streams: number, events: number, times: number): Promise<AskedStreams> {
    // Written by streams.ts.
    return JSON.parse(await this.#ask(`${port} ${streams} ${events} ${times}`)) as AskedStreams
  }
}
