import type { Span } from './problem.ts'

/** Shorter values are blanked where they are written only: blanking every `4` would leave nothing to read. */
const leastSweptCharacters = 8

/** Blanks the spans with `•` of the same length, line breaks kept, so that lines and columns stay true. */
export function maskSpans(text: string, spans: readonly Span[]): string {
  let result = ''
  let at = 0
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.end <= at) continue
    const start = Math.max(at, span.start)
    result += text.slice(at, start) + text.slice(start, span.end).replaceAll(/[^\r\n]/g, '•')
    at = span.end
  }
  return result + text.slice(at)
}

/** Blanks every occurrence of the secrets (each line of one with several) in any text. */
export function secretMask(secrets: readonly string[]): (text: string) => string {
  const pieces = [
    ...new Set(secrets.flatMap((secret) => [secret, ...secret.split(/\r?\n/).map((line) => line.trim())])),
  ]
    .filter((piece) => piece.length >= leastSweptCharacters)
    .toSorted((a, b) => b.length - a.length)
  return (text) => {
    let masked = text
    for (const piece of pieces) {
      if (masked.includes(piece)) masked = masked.replaceAll(piece, piece.replaceAll(/[^\r\n]/g, '•'))
    }
    return masked
  }
}

/** The YAML with `"<secret>"` where a secret's value was written, and every other occurrence blanked. */
export function redactYaml(text: string, spans: readonly Span[], mask: (text: string) => string): string {
  let result = ''
  let at = 0
  for (const span of spans.toSorted((a, b) => a.start - b.start)) {
    if (span.start < at || span.end <= span.start) continue
    const ending = /\r?\n$/.exec(text.slice(span.start, span.end))?.[0] ?? ''
    result += mask(text.slice(at, span.start)) + `"<secret>"${ending}`
    at = span.end
  }
  return result + mask(text.slice(at))
}
