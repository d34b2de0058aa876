import {
  isAlias,
  isMap,
  isScalar,
  isSeq,
  visit,
  type Alias,
  type Document,
  type Node,
  type Scalar,
} from 'yaml'
import { documentPath, type ProblemList, type Span } from './problem.ts'

/** A YAML document without anchors, merge keys or repeated keys; each node knows where it stands. */
export type YamlNode = YamlMap | YamlList | YamlScalar

interface Placed {
  readonly span: Span
  /** Where an alias's value is really written. */
  readonly definedAt?: Span
}

export interface YamlMap extends Placed {
  readonly kind: 'map'
  readonly entries: readonly YamlEntry[]
}

export interface YamlEntry {
  readonly key: string
  readonly keySpan: Span
  readonly node: YamlNode
}

export interface YamlList extends Placed {
  readonly kind: 'list'
  readonly items: readonly YamlNode[]
}

export interface YamlScalar extends Placed {
  readonly kind: 'scalar'
  readonly value: string | number | boolean | null
  /** The text as written, without quotes. */
  readonly source: string
  readonly isPlain: boolean
}

const maxNodes = 20_000
const maxDepth = 64
const maxAliases = 100

/** Turns the library's document into our tree; aliases and merge keys are expanded within a budget (alias bombs). */
export function toYamlTree(document: Document, problems: ProblemList): YamlNode {
  return new TreeBuilder(document, problems).build()
}

class TreeBuilder {
  readonly #root: Node | null
  readonly #problems: ProblemList
  readonly #anchors = new Map<Alias, Node>()
  #nodesLeft = maxNodes
  #isOverBudget = false

  constructor(document: Document, problems: ProblemList) {
    this.#root = document.contents
    this.#problems = problems
    this.#indexAnchors(document)
  }

  build(): YamlNode {
    return this.#node(this.#root, '', 0)
  }

  #indexAnchors(document: Document): void {
    const named = new Map<string, Node>()
    let aliases = 0
    visit(document, {
      Node: (_, node) => {
        if (isAlias(node)) {
          aliases += 1
          const target = named.get(node.source)
          if (target !== undefined && aliases <= maxAliases) this.#anchors.set(node, target)
        } else if (node.anchor !== undefined) named.set(node.anchor, node)
      },
    })
  }

  #node(node: unknown, path: string, depth: number): YamlNode {
    if (isAlias(node)) return this.#alias(node, path, depth)
    const span = spanOf(node)
    this.#nodesLeft -= 1
    if (this.#nodesLeft < 0 || depth > maxDepth) return this.#overBudget(span, path)
    if (isMap(node)) return { kind: 'map', span, entries: this.#entries(node.items, path, depth) }
    if (isSeq(node)) {
      return {
        kind: 'list',
        span,
        items: node.items.map((item, i) => this.#node(item, `${path}[${i}]`, depth + 1)),
      }
    }
    if (!isScalar(node)) return emptyScalar(span)
    const scalar = scalarOf(node, span)
    if (isUsableText(scalar.source)) return scalar
    this.#problems.error({
      path: path || documentPath,
      span,
      value: 'text with NUL',
      message: 'the value contains a NUL character or half a character (a lone surrogate)',
      hint: 'Remove it; keep binary content in a file of the workdir.',
      shows: 'head',
    })
    const source = scalar.source.replaceAll('\0', '').toWellFormed()
    return { ...scalar, value: source, source }
  }

  #alias(alias: Alias, path: string, depth: number): YamlNode {
    const span = spanOf(alias)
    const target = this.#anchors.get(alias)
    if (target === undefined) {
      this.#problems.error({
        path: path || documentPath,
        span,
        value: 'an alias',
        message: `this alias names no anchor written before it, or the file has more than ${maxAliases} aliases`,
        hint: 'Write the value out here, or define the anchor (&name) above.',
      })
      return emptyScalar(span)
    }
    return { ...this.#node(target, path, depth + 1), span, definedAt: spanOf(target) }
  }

  #entries(pairs: readonly { key: unknown; value: unknown }[], path: string, depth: number): YamlEntry[] {
    const own = new Map<string, YamlEntry>()
    const merged: YamlEntry[] = []
    for (const pair of pairs) {
      const keySpan = spanOf(pair.key)
      const key = this.#key(pair.key, keySpan, path)
      if (key === undefined) continue
      const childPath = path === '' ? key : `${path}.${key}`
      const node =
        pair.value === null || pair.value === undefined
          ? emptyScalar({ start: keySpan.end, end: keySpan.end })
          : this.#node(pair.value, key === '<<' ? path : childPath, depth + 1)
      if (key === '<<') merged.push(...this.#mergedEntries(node, path))
      else if (own.has(key)) this.#duplicate(childPath, keySpan)
      else own.set(key, { key, keySpan, node })
    }
    for (const entry of merged) if (!own.has(entry.key)) own.set(entry.key, entry)
    return [...own.values()]
  }

  #key(node: unknown, span: Span, path: string): string | undefined {
    const key = isAlias(node) ? this.#anchors.get(node) : node
    if (
      isScalar(key) &&
      typeof key.value === 'string' &&
      key.value.trim() !== '' &&
      isUsableText(key.value)
    ) {
      return key.value
    }
    this.#problems.error({
      path: path || documentPath,
      span: { start: span.start, end: span.start },
      value: isScalar(key) ? 'a key that is no text, or empty' : 'a complex key',
      message: 'a key must be text that is not empty',
      hint: 'Put the key in quotes if it is meant as text, or remove the entry.',
      shows: 'head',
    })
    return undefined
  }

  #mergedEntries(node: YamlNode, path: string): readonly YamlEntry[] {
    if (node.kind === 'map') return node.entries
    if (node.kind === 'list' && node.items.every((item) => item.kind === 'map')) {
      return node.items.flatMap((item) => (item.kind === 'map' ? item.entries : []))
    }
    this.#problems.error({
      path: path || documentPath,
      span: node.span,
      value: kindOf(node),
      message: 'a merge key (<<) takes a map, or a list of maps',
      hint: 'Write `<<: *name` where &name marks a map, or write the keys out.',
    })
    return []
  }

  #duplicate(path: string, span: Span): void {
    this.#problems.error({
      path,
      span,
      value: 'a second time',
      message: 'this key is written twice in the same map',
      hint: 'Keep one of the two and remove the other.',
      shows: 'head',
    })
  }

  #overBudget(span: Span, path: string): YamlNode {
    if (!this.#isOverBudget) {
      this.#isOverBudget = true
      this.#problems.error({
        path: path.length > 200 || path === '' ? documentPath : path,
        span,
        value: 'too much',
        message: `the file is nested deeper than ${maxDepth} levels, or has more than ${maxNodes} values once aliases are expanded`,
        hint: 'A service YAML needs a few dozen values: move large content into a file of the workdir.',
      })
    }
    return emptyScalar(span)
  }
}

/** NUL ends a text for the operating system, a lone surrogate has no UTF-8 form: neither reaches a process. */
function isUsableText(text: string): boolean {
  return !text.includes('\0') && text.isWellFormed()
}

function spanOf(node: unknown): Span {
  if (isMap(node) || isSeq(node) || isScalar(node) || isAlias(node)) {
    const range = node.range
    if (range !== null && range !== undefined) return { start: range[0], end: range[1] }
  }
  return { start: 0, end: 0 }
}

function scalarOf(node: Scalar, span: Span): YamlScalar {
  const { value } = node
  const isPlain = node.type === 'PLAIN'
  if (value === null || typeof value === 'boolean' || typeof value === 'number') {
    return { kind: 'scalar', span, value, source: node.source ?? String(value ?? ''), isPlain }
  }
  const text = typeof value === 'string' ? value : (node.source ?? '')
  return { kind: 'scalar', span, value: text, source: text, isPlain }
}

function emptyScalar(span: Span): YamlScalar {
  return { kind: 'scalar', span, value: null, source: '', isPlain: true }
}

/** What a node is, in words for a message. */
export function kindOf(node: YamlNode): string {
  if (node.kind !== 'scalar') return node.kind === 'map' ? 'a map' : 'a list'
  if (node.value === null) return 'nothing'
  if (typeof node.value === 'string') return 'text'
  return typeof node.value === 'number' ? 'a number' : 'a boolean'
}
