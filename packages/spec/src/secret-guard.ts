import type { Span } from './problem.ts'
import { suggest } from './suggest.ts'
import type { YamlMap, YamlNode } from './yaml-tree.ts'

/** Shorter values are blanked where they are written only: blanking every `4` would leave nothing to read. */
const leastSweptCharacters = 8
const maxSweptSecrets = 2000

export interface SecretGuard {
  /** Blanks secrets in any text, keeping its length; in the whole file also where they are written. */
  mask(text: string): string
  /** The file with `"<secret>"` where a secret's value was written, and every other occurrence blanked. */
  redactedYaml(): string
}

/** Knows the secrets of one file and of the command line, to keep them out of everything that is shown or stored. */
export function createSecretGuard(
  text: string,
  root: YamlMap | undefined,
  given: readonly string[],
): SecretGuard {
  const nodes = root === undefined ? [] : secretNodes(root)
  const spans = nodes.map((node) => node.definedAt ?? node.span)
  const written = nodes
    .slice(0, maxSweptSecrets)
    .flatMap((node) => (node.kind === 'scalar' ? [node.source] : []))
  const sweep = secretMask([...given, ...written])
  return {
    mask: (part) => sweep(part === text ? maskSpans(part, spans) : part),
    redactedYaml: () => redactYaml(text, spans, sweep),
  }
}

/**
 * True where a key of the text may have been meant as `secrets`. A text that is not valid YAML may hold secrets where no
 * tree can tell: then its lines are not shown.
 */
export function mentionsSecrets(text: string): boolean {
  if (/secr|ecre|cret|rets/i.test(text)) return true
  for (const [, head = ''] of text.matchAll(/^([^:\n]{3,40})(?::|\r?$)/gm))
    if (isLikeSecrets(head)) return true
  return false
}

function isLikeSecrets(text: string): boolean {
  const letters = text.toLowerCase().replaceAll(/[^a-z]/g, '')
  if (letters.length < 3 || letters.length > 12) return false
  return 'secrets'.includes(letters) || suggest(letters, ['secrets', 'secret']) !== undefined
}

/** The values under `secrets`, and under a top key that was meant so. */
function secretNodes(root: YamlMap): YamlNode[] {
  return root.entries
    .filter(({ key }) => isLikeSecrets(key))
    .flatMap(({ node }) => (node.kind === 'map' ? node.entries.flatMap((entry) => leavesOf(entry.node)) : []))
}

/** A misplaced map or list among the secrets is as secret as a value. */
function leavesOf(node: YamlNode): YamlNode[] {
  if (node.kind === 'scalar') return node.value === null ? [] : [node]
  if (node.kind === 'list') return node.items.flatMap((item) => leavesOf(item))
  return node.entries.flatMap((entry) => leavesOf(entry.node))
}

/** Blanks the spans with `•` of the same length, line breaks kept, so that lines and columns stay true. */
function maskSpans(text: string, spans: readonly Span[]): string {
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
function secretMask(secrets: readonly string[]): (text: string) => string {
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
function redactYaml(text: string, spans: readonly Span[], mask: (text: string) => string): string {
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
