import { chmodSync, lstatSync, renameSync, rmSync, type Stats } from 'node:fs'
import { createServer, request, type IncomingMessage, type ServerResponse } from 'node:http'
import { connect } from 'node:net'
import { dirname, join } from 'node:path'
import { errorCodes, httpStatusOf, SkykeepError, type ErrorCode } from '@skykeep/core/errors'

const maxRequestBytes = 1 << 20
const maxReplyBytes = 64 << 20

export interface ControlRequest {
  readonly query: URLSearchParams
  /** The parsed JSON body; undefined when there was none. */
  readonly body: unknown
}

/** An answer that is sent as it is instead of as JSON. */
export class ControlText {
  readonly type: string
  readonly text: string

  constructor(type: string, text: string) {
    this.type = type
    this.text = text
  }
}

/** Handlers by `METHOD /path`. What one returns is sent as JSON, a ControlText as text; a SkykeepError is sent with its code and status. */
export type ControlRoutes = Readonly<Record<string, (request: ControlRequest) => unknown>>

export interface ControlServer {
  /** Stops listening, ends open connections, and removes the socket if it is still this server's own. */
  close(): Promise<void>
}

/**
 * Serves JSON over HTTP on a Unix socket of mode 0600. A stale socket of that name is replaced without a gap; throws CONFLICT when a
 * process still listens on it.
 */
export async function serveControl(socketPath: string, routes: ControlRoutes): Promise<ControlServer> {
  if (await isListening(socketPath)) {
    throw new SkykeepError('CONFLICT', `another process listens on ${socketPath}`)
  }
  const server = createServer((incoming, response) => void answer(routes, incoming, response))
  server.keepAliveTimeout = 1000
  // libuv unlinks the name that it bound when it closes: bound under another name, a late close cannot remove a successor's socket.
  const bound = join(dirname(socketPath), `.${process.pid.toString(36)}.${temporaryName()}`)
  rmSync(bound, { force: true })
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    server.listen(bound, resolve)
  })
  chmodSync(bound, 0o600)
  const inode = lstatSync(bound).ino
  renameSync(bound, socketPath)
  return {
    close: async () => {
      if (statOf(socketPath)?.ino === inode) rmSync(socketPath, { force: true })
      server.closeAllConnections()
      await new Promise<void>((resolve) => server.close(() => resolve()))
    },
  }
}

export interface ControlCall {
  readonly method: 'GET' | 'POST'
  /** Path with its query. */
  readonly path: string
  readonly body?: unknown
  /** Whole call, milliseconds; default 2000. */
  readonly timeoutMs?: number
}

/**
 * One call over a Unix socket; resolves to the parsed reply, or to the text of one that is not JSON by its type. Throws UNAVAILABLE when nobody listens, the deadline passes or the
 * reply is no JSON, and the other side's own code when it answered with an error.
 */
export function callControl(socketPath: string, call: ControlCall): Promise<unknown> {
  const { method, path, body, timeoutMs = 2000 } = call
  const text = body === undefined ? undefined : JSON.stringify(body)
  return new Promise((resolve, reject) => {
    const fail = (reason: string, cause?: unknown): void => {
      reject(new SkykeepError('UNAVAILABLE', `${method} ${path} on ${socketPath}: ${reason}`, { cause }))
    }
    const headers = text === undefined ? {} : { 'content-type': 'application/json' }
    const outgoing = request({ socketPath, method, path, headers, agent: false }, (reply) => {
      readAll(reply, maxReplyBytes)
        .then((raw) => (isText(reply) ? resolve(raw) : settle(reply.statusCode ?? 0, raw, resolve, reject)))
        .catch((error: unknown) => fail('the reply was cut off', error))
        .finally(() => clearTimeout(deadline))
    })
    const deadline = setTimeout(() => {
      fail(`no answer within ${timeoutMs} ms`)
      outgoing.destroy()
    }, timeoutMs)
    outgoing.on('error', (error) => {
      clearTimeout(deadline)
      fail(error.message, error)
    })
    outgoing.end(text)
  })
}

function isText({ statusCode, headers }: IncomingMessage): boolean {
  return statusCode === 200 && headers['content-type']?.startsWith('text/') === true
}

function settle(
  status: number,
  raw: string,
  resolve: (value: unknown) => void,
  reject: (error: SkykeepError) => void,
): void {
  try {
    const value: unknown = raw === '' ? undefined : JSON.parse(raw)
    if (status >= 200 && status < 300) resolve(value)
    else reject(errorOf(status, value))
  } catch (cause) {
    reject(new SkykeepError('UNAVAILABLE', `status ${status} with a body that is no JSON`, { cause }))
  }
}

function errorOf(status: number, value: unknown): SkykeepError {
  const reply = typeof value === 'object' && value !== null ? value : {}
  const code = 'code' in reply ? errorCodes.find((known) => known === reply.code) : undefined
  const message = 'message' in reply && typeof reply.message === 'string' ? reply.message : `status ${status}`
  const hint = 'hint' in reply && typeof reply.hint === 'string' ? { hint: reply.hint } : {}
  const fallback: ErrorCode = status === 404 ? 'NOT_FOUND' : 'UNAVAILABLE'
  return new SkykeepError(code ?? fallback, message, hint)
}

async function answer(
  routes: ControlRoutes,
  incoming: IncomingMessage,
  response: ServerResponse,
): Promise<void> {
  const url = new URL(incoming.url ?? '/', 'http://control')
  const key = `${incoming.method ?? 'GET'} ${url.pathname}`
  try {
    const handler = Object.hasOwn(routes, key) ? routes[key] : undefined
    if (handler === undefined) throw new SkykeepError('NOT_FOUND', `no such endpoint: ${key}`)
    const raw = await readAll(incoming, maxRequestBytes)
    send(response, 200, await handler({ query: url.searchParams, body: parseBody(raw) }))
  } catch (error) {
    const known =
      error instanceof SkykeepError
        ? error
        : new SkykeepError('INTERNAL', 'unexpected error', { cause: error })
    send(response, httpStatusOf[known.code], { code: known.code, message: known.message, hint: known.hint })
  }
}

function send(response: ServerResponse, status: number, value: unknown): void {
  if (response.destroyed) return
  if (value instanceof ControlText) {
    response.writeHead(status, { 'content-type': value.type })
    response.end(value.text)
    return
  }
  response.writeHead(status, { 'content-type': 'application/json' })
  response.end(JSON.stringify(value ?? null))
}

function parseBody(raw: string): unknown {
  if (raw === '') return undefined
  try {
    return JSON.parse(raw)
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', 'the body is not JSON', { cause })
  }
}

async function readAll(stream: IncomingMessage, maxBytes: number): Promise<string> {
  const chunks: Buffer[] = []
  let size = 0
  // An IncomingMessage without an encoding yields Buffers only.
  for await (const chunk of stream as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBytes) throw new SkykeepError('INVALID_INPUT', `more than ${maxBytes} bytes`)
    chunks.push(chunk)
  }
  return Buffer.concat(chunks).toString('utf8')
}

function isListening(socketPath: string): Promise<boolean> {
  return new Promise((resolve) => {
    const probe = connect(socketPath)
    probe.once('connect', () => {
      probe.destroy()
      resolve(true)
    })
    probe.once('error', () => resolve(false))
  })
}

function statOf(path: string): Stats | undefined {
  return lstatSync(path, { throwIfNoEntry: false })
}

let sequence = 0
function temporaryName(): string {
  sequence += 1
  return sequence.toString(36)
}
