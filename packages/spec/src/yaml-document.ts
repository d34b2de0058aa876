import { parseAllDocuments, type Document, type YAMLError } from 'yaml'
import { documentPath, type ProblemList } from './problem.ts'
import { kindOf, toYamlTree, type YamlMap } from './yaml-tree.ts'

// A parse holds the thread: the worst text of this size that we know of takes under a second.
const maxYamlBytes = 128 * 1024

/** Our words for the library's findings: its own messages quote the source, which may hold a secret. */
const syntaxMessages: Partial<Record<YAMLError['code'], readonly [message: string, hint: string]>> = {
  TAB_AS_INDENT: ['a tab is used for indentation', 'YAML is indented with spaces only: replace the tab.'],
  BAD_INDENT: [
    'the indentation does not fit here, or a bracket above is still open',
    'Indent the keys of one map by the same number of spaces, and close every bracket.',
  ],
  MULTILINE_IMPLICIT_KEY: [
    'a key stretches over several lines',
    'Check the line for a missing `: ` after the key, or for missing quotes.',
  ],
  BLOCK_AS_IMPLICIT_KEY: [
    'a map starts inside a value',
    'Put the nested map on its own, deeper lines, or quote a value that contains `: `.',
  ],
  MISSING_CHAR: [
    'a quote, bracket or comma is missing',
    'Close the quote or bracket; put text that contains special characters in quotes.',
  ],
  BAD_SCALAR_START: [
    'a plain value cannot start with this character',
    'Put the value in quotes (characters such as @, `, %, |, > and - have a meaning in YAML).',
  ],
  BAD_DQ_ESCAPE: [
    'an unknown escape stands in double quotes',
    'Use single quotes, or write \\\\ for a backslash.',
  ],
  BAD_ALIAS: ['an alias has no name', 'Put text that starts with * in quotes.'],
  MULTIPLE_ANCHORS: ['a value has two anchors', 'Keep one anchor (&name).'],
  MULTIPLE_TAGS: ['a value has two tags', 'Remove the tags (!name): they are not needed here.'],
  TAG_RESOLVE_FAILED: ['YAML tags (!name) are not read here', 'Remove the tag and write the plain value.'],
  BAD_DIRECTIVE: ['this YAML directive is not known', 'Remove the line that starts with %.'],
  KEY_OVER_1024_CHARS: [
    'a key is longer than 1024 characters',
    'Check the line for a missing `: ` or quotes.',
  ],
  RESOURCE_EXHAUSTION: ['the file is nested too deeply', 'Remove the nested brackets.'],
}
const otherSyntax = [
  'this is not valid YAML',
  'Check this line and the one above for a missing `: `, quote or bracket, and for its indentation.',
] as const

interface ReadDocument {
  /** Absent where no map can be had. */
  readonly root?: YamlMap
  /** The text is not valid YAML: the root, if any, is a guess. */
  readonly isBroken: boolean
}

/** Reads one YAML 1.2 document whose root is a map, and reports what is wrong with it. */
export function readYamlDocument(
  text: string,
  shows: 'line' | 'nothing',
  problems: ProblemList,
): ReadDocument {
  const documents = isReadableText(text, problems) ? parseDocuments(text, shows, problems) : undefined
  if (documents === undefined) return { isBroken: true }
  for (const error of documents.flatMap((document) => [...document.errors, ...document.warnings])) {
    reportSyntax(error, shows, problems)
  }
  const isBroken = problems.hasErrors()
  // Where broken text mentions secrets, a value may stand under any key: only its syntax is reported.
  if (isBroken && shows === 'nothing') return { isBroken }
  const filled = documents.filter((document) => document.contents !== null && !isNull(document.contents))
  const [first, second] = filled
  if (first === undefined) {
    if (!isBroken) reportEmpty(problems)
    return { isBroken }
  }
  if (second !== undefined) reportSeveral(filled.length, second.contents?.range[0] ?? 0, problems)
  const root = toYamlTree(first, problems)
  if (root.kind === 'map') return { root, isBroken }
  const { start } = root.span
  problems.error({
    path: documentPath,
    span: { start, end: start },
    value: kindOf(root),
    message: `the file must be a map of keys (name:, run:, service: …), not ${kindOf(root)}`,
    hint: 'Start from examples/hello/service.yaml.',
    shows: 'nothing',
  })
  return { isBroken }
}

function reportSeveral(count: number, start: number, problems: ProblemList): void {
  problems.error({
    path: documentPath,
    span: { start, end: start },
    value: `${count} documents`,
    message: 'several documents in one file (a pipeline or a job group) arrive with managed jobs',
    hint: 'Keep one document: remove the --- line and what belongs to the other task.',
    shows: 'nothing',
  })
}

function reportSyntax(error: YAMLError, shows: 'line' | 'nothing', problems: ProblemList): void {
  const [message, hint] = syntaxMessages[error.code] ?? otherSyntax
  const span = { start: error.pos[0], end: Math.max(error.pos[0], error.pos[1]) }
  problems.error({ path: documentPath, span, value: 'not valid YAML', message, hint, shows })
}

function isReadableText(text: string, problems: ProblemList): boolean {
  const start = { start: 0, end: 0 }
  const bytes = Buffer.byteLength(text, 'utf8')
  if (bytes > maxYamlBytes) {
    problems.error({
      path: documentPath,
      span: start,
      value: `${bytes} bytes`,
      message: 'a service YAML may have at most 128 KiB',
      hint: 'Move large content into a file of the workdir.',
      shows: 'nothing',
    })
    return false
  }
  // A carriage return alone ends a line for YAML and for no editor: places would be wrong.
  const control = /[\u0000-\u0008\u000b\u000c\u000e-\u001f\u007f]|\r(?!\n)/.exec(text)
  if (control !== null) {
    const code = control[0].charCodeAt(0).toString(16).padStart(4, '0').toUpperCase()
    problems.error({
      path: documentPath,
      span: { start: control.index, end: control.index },
      value: `U+${code}`,
      message: 'the file contains a control character, or a carriage return that ends no line',
      hint: 'Remove it (line ends are LF or CRLF); if it belongs to a value, write it as an escape in double quotes.',
      shows: 'nothing',
    })
    return false
  }
  return true
}

function parseDocuments(
  text: string,
  shows: 'line' | 'nothing',
  problems: ProblemList,
): Document.Parsed[] | undefined {
  try {
    const documents = parseAllDocuments(text, {
      schema: 'core',
      version: '1.2',
      merge: false,
      uniqueKeys: false,
      prettyErrors: false,
      resolveKnownTags: false,
      logLevel: 'silent',
    })
    if (!('empty' in documents)) return documents
    for (const error of [...documents.errors, ...documents.warnings]) reportSyntax(error, shows, problems)
    if (!problems.hasErrors()) reportEmpty(problems)
    return undefined
  } catch {
    // The parser recurses: brackets nested by the thousand end its stack.
    problems.error({
      path: documentPath,
      span: { start: 0, end: 0 },
      value: 'unreadable',
      message: 'the file cannot be read as YAML: it is nested too deeply',
      hint: 'Remove the nested brackets or lists.',
      shows: 'nothing',
    })
    return undefined
  }
}

function reportEmpty(problems: ProblemList): void {
  problems.error({
    path: documentPath,
    span: { start: 0, end: 0 },
    value: 'nothing',
    message: 'the file is empty',
    hint: 'Start from examples/hello/service.yaml: it needs name, run and service.',
  })
}

function isNull(node: unknown): boolean {
  return typeof node === 'object' && node !== null && 'value' in node && node.value === null
}
