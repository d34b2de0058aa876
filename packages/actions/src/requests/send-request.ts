import { request as httpRequest, type ClientRequest, type IncomingMessage } from 'node:http'
import { request as httpsRequest } from 'node:https'
import type { Clock } from '@skykeep/core/clock'
import { answererHeader, triedLimits, type TriedPart } from '@skykeep/core/tried-request'
import type { TryRequestInput } from './schemas.ts'

export interface TriedPlace {
  readonly host: string
  readonly port: number
  readonly isTls: boolean
}

export interface SendOptions {
  readonly clock: Pick<Clock, 'monotonicMs'>
  readonly signal: AbortSignal
}

/** Sends one request over a connection of its own, and gives its answer as it comes, within `triedLimits`. */
export async function* sendRequest(
  place: TriedPlace,
  input: Omit<TryRequestInput, 'name'>,
  { clock, signal }: SendOptions,
): AsyncGenerator<TriedPart> {
  const startedMs = clock.monotonicMs()
  const tookMs = (): number => clock.monotonicMs() - startedMs
  const limit = AbortSignal.timeout(triedLimits.longestMs)
  const outgoing = open(place, input, AbortSignal.any([signal, limit]))
  try {
    const response = await answerTo(outgoing, input.body)
    yield headOf(response, tookMs())
    yield* bodyOf(response, tookMs)
  } catch (error) {
    if (signal.aborted) return
    const message = limit.aborted ? tooLong : failureOf(error)
    yield { type: 'failed', message, tookMs: tookMs() }
  } finally {
    outgoing.destroy()
  }
}

const tooLong = `It took longer than ${triedLimits.longestMs / 1000} s, and was broken off here.`

function open(
  { host, port, isTls }: TriedPlace,
  { method, path, headers, body }: Omit<TryRequestInput, 'name'>,
  signal: AbortSignal,
): ClientRequest {
  const given = headers.flatMap(({ name, value }) => [name, value])
  const length =
    body === '' && (method === 'GET' || method === 'HEAD')
      ? []
      : ['Content-Length', String(Buffer.byteLength(body))]
  const own = ['Host', `${host}:${port}`, 'Connection', 'close', answererHeader, '1', ...length]
  const options = {
    host: reachable(host),
    port,
    method,
    path,
    headers: [...own, ...given],
    agent: false,
    signal,
  }
  // A certificate names the address that clients use; this is our own gateway, reached by the address of its row.
  return isTls ? httpsRequest({ ...options, rejectUnauthorized: false }) : httpRequest(options)
}

/** An address that stands for all of a machine is reached on the machine itself. */
function reachable(host: string): string {
  if (host === '0.0.0.0') return '127.0.0.1'
  return host === '::' ? '::1' : host
}

function answerTo(outgoing: ClientRequest, body: string): Promise<IncomingMessage> {
  return new Promise((resolve, reject) => {
    outgoing.on('response', resolve)
    outgoing.on('error', reject)
    outgoing.end(body)
  })
}

function headOf(response: IncomingMessage, tookMs: number): TriedPart {
  const { rawHeaders } = response
  const headers = rawHeaders.flatMap((name, at) =>
    at % 2 === 0 ? [{ name, value: rawHeaders[at + 1] ?? '' }] : [],
  )
  const answerer = /^(\d+);version=(\d+)$/.exec(String(response.headers[answererHeader] ?? ''))
  return {
    type: 'head',
    status: response.statusCode ?? 0,
    statusText: response.statusMessage ?? '',
    headers: headers.filter(({ name }) => name.toLowerCase() !== answererHeader),
    replica: answerer === null ? null : { id: Number(answerer[1]), version: Number(answerer[2]) },
    tookMs,
  }
}

async function* bodyOf(response: IncomingMessage, tookMs: () => number): AsyncGenerator<TriedPart> {
  const decoder = new TextDecoder()
  let bytes = 0
  for await (const piece of response) {
    // A response without an encoding gives buffers.
    const chunk = (piece as Buffer).subarray(0, triedLimits.answerBytesMax - bytes)
    const isCut = chunk.length < (piece as Buffer).length
    bytes += chunk.length
    const text = decoder.decode(chunk, { stream: true })
    if (text !== '') yield { type: 'body', text }
    if (!isCut) continue
    yield { type: 'end', tookMs: tookMs(), bytes, cut: 'Only the first MiB is shown; the rest was not read.' }
    return
  }
  const rest = decoder.decode()
  if (rest !== '') yield { type: 'body', text: rest }
  yield { type: 'end', tookMs: tookMs(), bytes, cut: null }
}

function failureOf(error: unknown): string {
  const code = String(Reflect.get(Object(error), 'code') ?? '')
  if (code === 'ECONNREFUSED') return 'Nothing listens at the endpoint: the gateway is not running.'
  if (code === 'ECONNRESET') return 'The connection was broken off before the answer was whole.'
  return `The request failed${code === '' ? '' : ` (${code})`}.`
}
