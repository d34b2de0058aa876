export interface RequestSource {
  readonly method: string
  readonly host: string | null
  readonly origin: string | null
  readonly secFetchSite: string | null
  /** True when the request shows the session cookie, which a browser adds by itself. */
  readonly hasCookie: boolean
}

export interface OwnAddress {
  readonly port: number
  /** Lower case, `name` or `name:port`. */
  readonly allowedHosts: readonly string[]
}

const readOnly = new Set(['GET', 'HEAD', 'OPTIONS'])

/**
 * Why a request is refused, or null. Host must be one of ours, else a page that rebinds its own name to 127.0.0.1 could read us
 * (DNS rebinding). A mutation that rides the browser's cookie must come from our own origin: cookies ignore ports, so a workload's page
 * on another port of this host would carry it (invariant 17).
 */
export function refusalOf(source: RequestSource, own: OwnAddress): string | null {
  const host = source.host?.toLowerCase() ?? ''
  if (!isOwnHost(host, own)) return `Host ${JSON.stringify(host)} is not this dashboard.`
  if (!source.hasCookie || readOnly.has(source.method)) return crossSiteRead(source)
  if (source.origin === `http://${host}` || source.origin === `https://${host}`) return null
  return `Origin ${JSON.stringify(source.origin ?? '')} is not this dashboard.`
}

/** True for loopback names with our port and for the configured ones. */
function isOwnHost(host: string, own: OwnAddress): boolean {
  const loopback = ['127.0.0.1', 'localhost', '[::1]'].map((name) => `${name}:${own.port}`)
  return loopback.includes(host) || own.allowedHosts.includes(host)
}

/** A cookie's read that another site's or port's script starts is refused too; a person's click on a link is not (no Origin). */
function crossSiteRead(source: RequestSource): string | null {
  const isForeign = source.secFetchSite === 'cross-site' || source.secFetchSite === 'same-site'
  return source.hasCookie && source.origin !== null && isForeign
    ? 'Another origin may not read this dashboard.'
    : null
}
