/** The value of the first cookie of this name in a Cookie field (RFC 6265 §4.2.1), quotes included; null: there is none. */
export function cookieOf(field: string | null, name: string): string | null {
  if (field === null) return null
  let at = 0
  while (at < field.length) {
    const semicolon = field.indexOf(';', at)
    const end = semicolon < 0 ? field.length : semicolon
    while (at < end && (field.charCodeAt(at) === 0x20 || field.charCodeAt(at) === 9)) at += 1
    if (field.startsWith(name, at) && field.charCodeAt(at + name.length) === 0x3d) {
      const start = at + name.length + 1
      if (start <= end) return field.slice(start, end).trimEnd()
    }
    at = end + 1
  }
  return null
}
