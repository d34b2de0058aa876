import { shorten, type ProblemList } from './problem.ts'
import type { Field } from './section.ts'
import { suggest } from './suggest.ts'
import { kindOf, type YamlNode, type YamlScalar } from './yaml-tree.ts'

/** Plain words that YAML 1.1, which SkyPilot reads, takes for booleans. */
const oldBoolean = /^(?:y|yes|no|n|on|off|true|false)$/i
const plainNumber = /^[+-]?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][+-]?\d{1,3})?$/

/** How a value may be named in a problem. */
export function shownValue(node: YamlNode): string {
  return node.kind === 'scalar' && node.value !== null ? shorten(node.source) : kindOf(node)
}

/** The field's text. Numbers, booleans and the words that YAML 1.1 takes for booleans must be quoted. */
export function readText(field: Field, problems: ProblemList): string | undefined {
  const { node } = field
  const isText = node.kind === 'scalar' && typeof node.value === 'string'
  if (isText && !(node.isPlain && oldBoolean.test(node.source))) return node.source
  problems.error({
    path: field.path,
    span: node.kind === 'scalar' ? node.span : field.keySpan,
    value: shownValue(node),
    message: `\`${field.path}\` must be text, not ${isText ? 'a boolean' : kindOf(node)}`,
    hint:
      node.kind === 'scalar' && node.value !== null
        ? 'Put the value in quotes.'
        : 'Write the text after the colon.',
    shows: node.kind === 'scalar' ? 'line' : 'head',
  })
  return undefined
}

/** The field's truth value. Unquoted yes, no, on and off are taken as YAML 1.1, which SkyPilot reads, takes them. */
export function readBoolean(field: Field, problems: ProblemList): boolean | undefined {
  const { node } = field
  const word = node.kind === 'scalar' && node.isPlain ? node.source.toLowerCase() : ''
  if (['true', 'yes', 'on'].includes(word)) return true
  if (['false', 'no', 'off'].includes(word)) return false
  const isQuoted = node.kind === 'scalar' && !node.isPlain && oldBoolean.test(node.source)
  problems.error({
    path: field.path,
    span: node.kind === 'scalar' ? node.span : field.keySpan,
    value: shownValue(node),
    message: `\`${field.path}\` must be true or false`,
    hint: isQuoted ? 'Remove the quotes.' : 'Write true or false after the colon.',
    shows: node.kind === 'scalar' ? 'line' : 'head',
  })
  return undefined
}

/** One of the words, in any case; a word that is near is suggested. */
export function readChoice<T extends string>(
  field: Field,
  choices: readonly T[],
  problems: ProblemList,
): T | undefined {
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const normal = text.toLowerCase()
  const choice = choices.find((known) => known === normal)
  if (choice !== undefined) return choice
  const near = suggest(normal, choices)
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shownValue(field.node),
    message: `\`${field.path}\` does not know ${JSON.stringify(shorten(text))}`,
    hint: `${near === undefined ? '' : `Did you mean \`${near}\`? `}Allowed: ${choices.join(', ')}.`,
  })
  return undefined
}

export interface NumberRange {
  readonly least: number
  readonly most: number
  readonly isInteger: boolean
}

/** The field's number within the range (inclusive). Octal, hexadecimal, infinite and quoted numbers are refused. */
export function readNumber(field: Field, range: NumberRange, problems: ProblemList): number | undefined {
  const { node } = field
  const noun = range.isInteger ? 'a whole number' : 'a number'
  const wanted = `${noun} from ${range.least} to ${range.most}`
  const value = node.kind === 'scalar' ? plainNumberOf(node) : undefined
  if (value !== undefined && (!range.isInteger || Number.isInteger(value))) {
    if (value >= range.least && value <= range.most) return value
  }
  problems.error({
    path: field.path,
    span: node.kind === 'scalar' ? node.span : field.keySpan,
    value: shownValue(node),
    message: `\`${field.path}\` must be ${wanted}`,
    hint: numberHint(node, wanted),
    shows: node.kind === 'scalar' ? 'line' : 'head',
  })
  return undefined
}

/** The value of a decimal number written without quotes; undefined for every other notation. */
export function plainNumberOf(node: YamlScalar): number | undefined {
  if (typeof node.value !== 'number' || !node.isPlain || !plainNumber.test(node.source)) return undefined
  const value = Number(node.source)
  return Number.isFinite(value) ? value : undefined
}

function numberHint(node: YamlNode, wanted: string): string {
  if (node.kind !== 'scalar' || node.value === null) return `Write ${wanted} after the colon.`
  if (typeof node.value === 'string' && plainNumber.test(node.source))
    return 'Remove the quotes around the number.'
  if (/^[+-]?0[\dox]/i.test(node.source)) {
    return 'Write it as a decimal number without leading zeros: YAML versions disagree on the others.'
  }
  return `Write ${wanted}.`
}

/** How SkyPilot's YAML 1.1 reader would pass an unquoted value on, where that is not as written. */
export function differsFromYaml11(node: YamlScalar): boolean {
  if (!node.isPlain) return false
  const { source } = node
  if (oldBoolean.test(source) && source.length > 1) return true
  if (/^[+-]?0[0-9_]+$/.test(source) || /^[+-]?0(?:x[\da-f_]+|b[01_]+)$/i.test(source)) return true
  if (/^[+-]?\d[\d_]*(?::[0-5]?\d)+(?:\.\d*)?$/.test(source)) return true
  if (/^[+-]?\d+_[\d_]*(?:\.\d*)?$/.test(source) || /^[+-]?\.(?:inf|nan)$/i.test(source)) return true
  if (/^[+-]?\d*\.\d*(?:e[+-]\d+)?$/i.test(source))
    return /0$|e|\.$|^\.|\d{17}/i.test(source) && !/^\d+\.0$/.test(source)
  return /^\d{4}-\d\d?-\d\d?[Tt ]/.test(source)
}
