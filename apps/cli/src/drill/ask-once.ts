import http from 'node:http'
import https from 'node:https'

/** One attempt at a GET. */
export interface Attempt {
  readonly url: string
  /** Kept-alive connections; false: one of its own. */
  readonly agent: http.Agent | false
  readonly timeoutMs: number
  /** Such as the key that the service asks for; absent: none. */
  readonly headers?: RequestHeaders
}

export type RequestHeaders = Readonly<Record<string, string>>

export type Outcome =
  | { readonly kind: 'good' }
  | {
      readonly kind: 'bad'
      /** `connection reset`, `HTTP 502`, … */
      readonly reason: string
      /** True: the connection broke before any answer, so that HTTP lets the client ask again (RFC 9110, section 9.2.2). */
      readonly isRepeatable: boolean
    }

const reasons: Readonly<Record<string, string>> = {
  ECONNREFUSED: 'connection refused',
  ECONNRESET: 'connection reset',
  EPIPE: 'connection reset',
  ETIMEDOUT: 'timed out',
}

/** What a client calls the failure: `connection reset` for ECONNRESET. */
export function reasonOf(error: Error): string {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.message
  return reasons[code] ?? code
}

/** Agent for the scheme of the address. The endpoint is on this machine: its certificate is not what is tried here. */
export function agentFor(url: string, maxSockets: number): http.Agent {
  const options = { keepAlive: true, maxSockets }
  return url.startsWith('https:')
    ? new https.Agent({ ...options, rejectUnauthorized: false })
    : new http.Agent(options)
}

/** A GET without a body, by the scheme of the address. */
export function openGet(
  { url, agent, headers = {} }: Omit<Attempt, 'timeoutMs'>,
  onResponse: (response: http.IncomingMessage) => void,
): http.ClientRequest {
  return url.startsWith('https:')
    ? https.get(url, { agent, headers, rejectUnauthorized: false }, onResponse)
    : http.get(url, { agent, headers }, onResponse)
}

/** Asks once and reads the whole answer; below 400 it is good. Never rejects. */
export function askOnce({ timeoutMs, ...asked }: Attempt): Promise<Outcome> {
  return new Promise((resolve) => {
    let hasAnswer = false
    const done = (outcome: Outcome): void => {
      clearTimeout(timer)
      resolve(outcome)
    }
    const fail = (reason: string): void =>
      done({ kind: 'bad', reason, isRepeatable: !hasAnswer && reason === 'connection reset' })
    const request = openGet(asked, (response) => {
      hasAnswer = true
      const status = response.statusCode ?? 0
      response.on('error', () => fail('cut short'))
      response.on('end', () => (status < 400 ? done({ kind: 'good' }) : fail(`HTTP ${status}`)))
      response.resume()
    })
    request.on('error', (error) => fail(reasonOf(error)))
    const timer = setTimeout(() => {
      fail('timed out')
      request.destroy()
    }, timeoutMs)
  })
}
