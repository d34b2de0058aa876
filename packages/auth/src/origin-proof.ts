/**
 * The header with the origin proof: the second secret of a session, which the page keeps in its origin's storage. Cookies ignore ports, so
 * every server on the dashboard's host is sent the cookie; storage does not, so only the dashboard's own pages have the proof (invariant 17).
 */
export const originProofHeader = 'x-skykeep-proof'

/** The origin proof out of that header's value; null without one, or where it cannot be one. */
export function readOriginProof(header: string | null): string | null {
  return header !== null && /^[A-Za-z0-9_-]{43,128}$/.test(header) ? header : null
}
