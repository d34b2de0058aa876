/** Most frequent first. */
const usualMethods = ['GET', 'POST', 'PUT', 'HEAD', 'DELETE', 'OPTIONS', 'PATCH']

/** The method that stands there; of the usual ones no copy is made. */
export function methodAt(text: string, start: number, end: number): string {
  for (const method of usualMethods)
    if (method.length === end - start && text.startsWith(method, start)) return method
  return text.slice(start, end)
}

/** `uri-host [":" port]` of RFC 9112 §3.2, without user information. */
export function isHost(value: string): boolean {
  return /^(?:\[[0-9A-Fa-f:.]+\]|[A-Za-z0-9._~!$&'()*+;=%-]+)(?::\d{0,5})?$/.test(value)
}
