import { connect } from 'node:http2'
import type {
  ClientHttp2Session,
  ClientHttp2Stream,
  IncomingHttpHeaders,
  SecureClientSessionOptions,
} from 'node:http2'
import type { ServiceRoute } from '@skykeep/core/routes'
import { afterEach } from 'vitest'
import type { TestGateway, Upstream } from './harness.ts'
import { startSecuredGateway } from './secured-gateway.ts'

const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

/** A gateway that speaks TLS before this replica; both end with the test. */
export async function secured(upstream: Upstream, service: Partial<ServiceRoute> = {}): Promise<TestGateway> {
  cleanups.push(() => upstream.kill())
  const gateway = await startSecuredGateway(upstream, service)
  cleanups.push(() => gateway.close())
  return gateway
}

/** A client's connection to it, which ends with the test. */
export function session({ port }: TestGateway, options: SecureClientSessionOptions = {}): ClientHttp2Session {
  const client = connect(`https://127.0.0.1:${port}`, { ...options, rejectUnauthorized: false })
  client.on('error', () => undefined)
  cleanups.push(async () => client.destroy())
  return client
}

export interface Answer {
  readonly status: number
  readonly headers: IncomingHttpHeaders
  readonly body: string
  /** Null: none came. */
  readonly trailers: IncomingHttpHeaders | null
  /** The code by which the stream was reset; 0: it was not. */
  readonly code: number
  /** The end of the stream came (RFC 9113 §8.1). */
  readonly isWhole: boolean
}

/** All that comes on the stream. */
export async function answerOf(stream: ClientHttp2Stream): Promise<Answer> {
  let headers: IncomingHttpHeaders = {}
  let trailers: IncomingHttpHeaders | null = null
  let status = 0
  let body = ''
  let isWhole = false
  stream.on('response', (received) => {
    headers = received
    status = received[':status'] ?? 0
  })
  stream.on('trailers', (received) => (trailers = received))
  stream.on('data', (part: Buffer) => (body += part.toString('latin1')))
  stream.on('end', () => (isWhole = true))
  stream.on('error', () => undefined)
  await new Promise((resolve) => stream.on('close', resolve))
  return { status, headers, body, trailers, code: stream.rstCode, isWhole }
}

export function ask(
  client: ClientHttp2Session,
  headers: Record<string, string | string[]>,
  body?: Buffer,
): Promise<Answer> {
  const stream = client.request({ ':path': '/', ...headers }, { endStream: body === undefined })
  const answer = answerOf(stream)
  if (body !== undefined) stream.end(body)
  return answer
}
