import { request, type IncomingMessage } from 'node:http'
import type { ReadinessProbe } from '@skykeep/core/service-spec'

export type ProbeResult = { readonly isReady: true } | { readonly isReady: false; readonly reason: string }

const maxRedirects = 3

/**
 * Asks one replica whether it is ready, as SkyServe does: GET, or POST of a JSON body; ready when the answer is 2xx within the time-out.
 * Redirects are followed on the replica itself only. Never throws.
 */
export async function probeReplica(
  address: { readonly host: string; readonly port: number },
  probe: ReadinessProbe,
): Promise<ProbeResult> {
  const deadline = AbortSignal.timeout(probe.timeoutSeconds * 1_000)
  let path = probe.path
  for (let hop = 0; hop <= maxRedirects; hop += 1) {
    const answer = await ask(address, path, probe, deadline)
    if ('reason' in answer) return { isReady: false, reason: answer.reason }
    if (answer.status >= 200 && answer.status < 300) return { isReady: true }
    const next = answer.location === undefined ? undefined : samePlace(answer.location, address, path)
    if (answer.status < 300 || answer.status >= 400 || next === undefined) {
      return { isReady: false, reason: `${probe.path} answered ${answer.status}` }
    }
    path = next
  }
  return { isReady: false, reason: `${probe.path} answered more than ${maxRedirects} redirects` }
}

type Answer = { readonly status: number; readonly location: string | undefined } | { readonly reason: string }

function ask(
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
  probe: ReadinessProbe,
  signal: AbortSignal,
): Promise<Answer> {
  return new Promise((resolve) => {
    const isPost = probe.postBody !== undefined
    const headers = isPost ? { 'content-type': 'application/json', ...probe.headers } : { ...probe.headers }
    const outgoing = request(
      { host, port, path, headers, method: isPost ? 'POST' : 'GET', agent: false, signal },
      (answer: IncomingMessage) => {
        resolve({ status: answer.statusCode ?? 0, location: answer.headers.location })
        // Only the status counts: the body may be endless.
        answer.destroy()
      },
    )
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve({
        reason: signal.aborted ? `no answer within ${probe.timeoutSeconds} s` : reasonOf(error, host, port),
      })
    })
    outgoing.end(probe.postBody)
  })
}

function reasonOf(error: NodeJS.ErrnoException, host: string, port: number): string {
  return error.code === 'ECONNREFUSED' ? `nothing listens on ${host}:${port}` : error.message
}

function samePlace(
  location: string,
  { host, port }: { readonly host: string; readonly port: number },
  path: string,
): string | undefined {
  const base = `http://${host}:${port}${path}`
  const next = URL.parse(location, base)
  return next?.host === `${host}:${port}` ? `${next.pathname}${next.search}` : undefined
}
