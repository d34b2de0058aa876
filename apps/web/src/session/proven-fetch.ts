import { originProofHeader } from '@skykeep/auth/origin-proof'
import { readProof } from './stored-proof.ts'

/** What the API's clients hand to `fetch`. */
interface ProvenInit {
  readonly method?: string | undefined
  readonly headers?: HeadersInit | undefined
  readonly body?: BodyInit | null | undefined
  readonly signal?: AbortSignal | null | undefined
}

/** `fetch` to our own origin, and to no other also after a redirect, with the origin proof as it stands now beside the session's cookie. */
export function provenFetch(address: RequestInfo | URL, init: ProvenInit = {}): Promise<Response> {
  const headers = new Headers(init.headers)
  const proof = readProof()
  if (proof !== null) headers.set(originProofHeader, proof)
  return fetch(address, {
    method: init.method ?? 'GET',
    headers,
    body: init.body ?? null,
    signal: init.signal ?? null,
    mode: 'same-origin',
    credentials: 'same-origin',
    cache: 'no-store',
  })
}
