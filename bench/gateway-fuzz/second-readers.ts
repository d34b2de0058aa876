import { spawn } from 'node:child_process'
import { createServer } from 'node:http'
import type { Server } from 'node:http'
import { join } from 'node:path'
import { Duplex } from 'node:stream'
import { python } from '../gateway/tools.ts'
import { LineChild } from '../line-child.ts'

/** One request as a reader sees it: method, target, body. */
export type SeenRequest = readonly [string, string, string]

/** What one reader made of the bytes of a connection. */
export interface Seen {
  readonly reader: string
  readonly requests: readonly SeenRequest[]
  /** Why it stopped, or ''. */
  readonly error: string
}

/** Servers' own parsers: Node's, strict and lenient, and those of uvicorn. */
export class SecondReaders {
  private readonly servers = [server(false), server(true)]
  private readonly child: LineChild | null

  /** @param hasPython Debian's Python has h11 and httptools. */
  constructor(hasPython: boolean) {
    this.child = hasPython
      ? new LineChild(
          spawn(python, [join(import.meta.dirname, 'second-readers.py')], {
            stdio: ['pipe', 'pipe', 'inherit'],
          }),
        )
      : null
  }

  get names(): readonly string[] {
    return ['node strict', 'node lenient', ...(this.child === null ? [] : ['h11', 'httptools'])]
  }

  async read(text: string): Promise<readonly Seen[]> {
    const [strict, lenient, other] = await Promise.all([
      readWithNode(this.servers[0], text),
      readWithNode(this.servers[1], text),
      this.readWithPython(text),
    ])
    return [{ reader: 'node strict', ...strict }, { reader: 'node lenient', ...lenient }, ...other]
  }

  private async readWithPython(text: string): Promise<readonly Seen[]> {
    const { child } = this
    if (child === null) return []
    const line = await child.ask(Buffer.from(text, 'latin1').toString('base64'))
    // What second-readers.py prints.
    const [h11, httptools] = JSON.parse(line) as readonly [readonly SeenRequest[], string][]
    return [
      { reader: 'h11', requests: h11?.[0] ?? [], error: h11?.[1] ?? '' },
      { reader: 'httptools', requests: httptools?.[0] ?? [], error: httptools?.[1] ?? '' },
    ]
  }

  close(): void {
    this.child?.close()
  }
}

const sinks = new WeakMap<object, { requests: SeenRequest[]; error: string }>()

function server(isLenient: boolean): Server {
  const made = createServer({ insecureHTTPParser: isLenient }, (request, response) => {
    const sink = sinks.get(request.socket)
    const parts: Buffer[] = []
    request.on('data', (part: Buffer) => parts.push(part))
    request.on('end', () => {
      sink?.requests.push([request.method ?? '', request.url ?? '', Buffer.concat(parts).toString('latin1')])
    })
    response.end()
  })
  made.on('clientError', (error, socket) => {
    const sink = sinks.get(socket)
    if (sink !== undefined) sink.error = error.message
    socket.destroy()
  })
  return made
}

/** Node's parser over a connection in memory. */
async function readWithNode(from: Server | undefined, text: string): Promise<Omit<Seen, 'reader'>> {
  const sink = { requests: [] as SeenRequest[], error: '' }
  const stream = new Duplex({ read: () => undefined, write: (_bytes, _encoding, done) => done() })
  sinks.set(stream, sink)
  stream.on('error', () => undefined)
  from?.emit('connection', stream)
  stream.push(Buffer.from(text, 'latin1'))
  for (let turns = 0; turns < 12; turns += 1) await new Promise((resolve) => setImmediate(resolve))
  stream.destroy()
  return sink
}
