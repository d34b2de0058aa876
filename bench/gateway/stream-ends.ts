import { join } from 'node:path'
import { LineChild } from '../line-child.ts'
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
  readonly #child: LineChild

  private constructor(child: LineChild) {
    this.#child = child
  }

  /** Starts it on a core, serving both ports. */
  static async start(children: Children, core: number, ports: readonly number[]): Promise<StreamEnds> {
    const program = join(import.meta.dirname, 'streams.ts')
    const child = children.startAsked(core, [process.execPath, program, ...ports.map(String)])
    await Promise.all(ports.map((port) => untilListening(port)))
    return new StreamEnds(new LineChild(child))
  }

  /** So many streams at once through a port, each of so many events, one every 10 ms, so many `times` one after another. @throws when one breaks. */
  async ask(port: number, streams: number, events: number, times: number): Promise<AskedStreams> {
    // Written by streams.ts.
    return JSON.parse(await this.#child.ask(`${port} ${streams} ${events} ${times}`)) as AskedStreams
  }
}
