/** The dashboard's cookie. Cookies ignore ports, so a browser sends it to every service on the same host. */
export const sessionCookieName = 'skykeep_session'

/**
 * A Cookie value without the dashboard's cookie (invariant 17); '' when nothing is left. All other pairs stay as they
 * were, in order.
 */
export function withoutSessionCookie(value: string): string {
  if (!value.toLowerCase().includes(sessionCookieName)) return value
  return value
    .split(';')
    .filter((pair) => !isSessionPair(pair))
    .map((pair) => pair.trim())
    .filter((pair) => pair !== '')
    .join('; ')
}

/** True when a Set-Cookie value would set the dashboard's cookie, under every reading that browsers have. */
export function setsSessionCookie(value: string): boolean {
  return isSessionPair(value.split(';', 1)[0] ?? '')
}

/**
 * A cookie without a name (`=skykeep_session=x`, or just `skykeep_session`) is sent back as its bare value, so leading
 * equal signs are not part of the name (RFC 6265bis §5.6).
 */
function isSessionPair(pair: string): boolean {
  const bare = pair.replace(/^[\s=]+/, '')
  const name = bare.split('=', 1)[0] ?? ''
  return name.trim().toLowerCase() === sessionCookieName
}
