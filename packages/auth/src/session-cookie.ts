/** The dashboard's cookie. The gateway strips it both ways (invariant 17). */
export const sessionCookieName = 'skykeep_session'

/** Each is looked up; a browser that nobody meddled with sends one. */
const candidatesMax = 4

/**
 * The secrets in a `Cookie` header that may be the session's, at most four. A page on another port of the host can add cookies of the same
 * name. Browsers send those with longer paths first (RFC 6265 §5.4), and ours has the shortest, so the last ones are taken.
 */
export function readSessionCookies(header: string | null): readonly string[] {
  const prefix = `${sessionCookieName}=`
  const values = (header ?? '')
    .split(';')
    .map((part) => part.trim())
    .filter((part) => part.startsWith(prefix))
    .map((part) => part.slice(prefix.length))
    .filter((value) => /^[A-Za-z0-9_-]{43,128}$/.test(value))
  return [...new Set(values)].slice(-candidatesMax)
}

/** `Set-Cookie` that hands a session to a browser: no script reads it and no other site sends it. */
export function sessionCookie(secret: string, maxAgeSeconds: number): string {
  return `${sessionCookieName}=${secret}; Path=/; HttpOnly; SameSite=Strict; Max-Age=${maxAgeSeconds}`
}

/** `Set-Cookie` that takes it back. */
export function endedSessionCookie(): string {
  return `${sessionCookieName}=; Path=/; HttpOnly; SameSite=Strict; Max-Age=0`
}
