/** The dashboard's cookie. The gateway strips it both ways (invariant 17). */
export const sessionCookieName = 'skykeep_session'

/** The session's secret out of a `Cookie` header; null without one, or with two (nobody sends two on purpose). */
export function readSessionCookie(header: string | null): string | null {
  const found = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(`${sessionCookieName}=`))
  const value = found[0]?.slice(sessionCookieName.length + 1)
  return found.length === 1 && value !== undefined && /^[A-Za-z0-9_-]{43,128}$/.test(value) ? value : null
}

/** `Set-Cookie` that hands a session to a browser: no script reads it and no other site sends it. */
export function sessionCookie(secret: string, maxAgeSeconds: number): string {
  return `${sessionCookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`
}

/** `Set-Cookie` that takes it back. */
export function endedSessionCookie(): string {
  return `${sessionCookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`
}
