import { documentPath, type ProblemList } from './problem.ts'
import { readMap, type Field } from './section.ts'
import { differsFromYaml11 } from './scalars.ts'
import { kindOf, type YamlScalar } from './yaml-tree.ts'

const variableName = /^[A-Za-z_][A-Za-z0-9_]*$/
const maxVariables = 1000
/** Linux ends one `NAME=value` of an environment at 128 KiB (MAX_ARG_STRLEN). */
const maxValueCharacters = 96 * 1024

/** Set for the task by us (skypilot.md §5): a value from the YAML would be lost, so it is refused. */
const reservedNames = new Set([
  '__proto__',
  'SKYPILOT_NODE_RANK',
  'SKYPILOT_NODE_IPS',
  'SKYPILOT_NUM_NODES',
  'SKYPILOT_NUM_GPUS_PER_NODE',
  'SKYPILOT_SETUP_NODE_RANK',
  'SKYPILOT_SETUP_NODE_IPS',
  'SKYPILOT_SETUP_NUM_GPUS_PER_NODE',
  'SKYPILOT_TASK_ID',
  'SKYPILOT_TASK_IDS',
  'SKYPILOT_CLUSTER_INFO',
  'SKYPILOT_USER',
  'SKYPILOT_SERVE_REPLICA_ID',
  'SKYPILOT_INTERNAL_JOB_ID',
])

export interface VariablesInput {
  readonly field: Field | undefined
  /** Values from the command line: they win over the file's and may add names. */
  readonly given: Readonly<Record<string, string>>
  readonly option: '--env' | '--secret'
}

/** The variables of `envs` or `secrets`, file and command line together, in their order. Values never reach a problem. */
export function readVariables(input: VariablesInput, problems: ProblemList): Record<string, string> {
  const values = new Map<string, string>()
  for (const entry of declaredVariables(input, problems)) {
    if (!isUsableName(entry.name, entry, problems)) continue
    const given = ownValue(input.given, entry.name)
    const value = given ?? entry.value
    if (value === undefined) reportMissing(entry, input.option, problems)
    else if (value.length > maxValueCharacters) reportTooLong(entry, problems)
    else values.set(entry.name, value)
  }
  for (const [name, value] of Object.entries(input.given)) {
    if (values.has(name)) continue
    const entry = { name, path: `${input.option} ${name.slice(0, 60)}`, span: { start: 0, end: 0 } }
    if (!isUsableName(name, entry, problems)) continue
    if (value.length > maxValueCharacters) reportTooLong(entry, problems)
    else values.set(name, value)
  }
  return Object.fromEntries(values)
}

interface Declared {
  readonly name: string
  readonly path: string
  readonly span: { readonly start: number; readonly end: number }
  readonly value?: string
}

function declaredVariables({ field, option }: VariablesInput, problems: ProblemList): Declared[] {
  if (field === undefined) return []
  if (option === '--secret' && field.node.kind === 'list') return listedSecrets(field, problems)
  const map = readMap(field, problems)
  if (map === undefined) return []
  if (map.entries.length > maxVariables) {
    problems.error({
      path: field.path,
      span: field.keySpan,
      value: `${map.entries.length} variables`,
      message: `\`${field.path}\` may have at most ${maxVariables} variables`,
      hint: 'Put them into a file of the workdir and read it in `run`.',
      shows: 'head',
    })
    return []
  }
  return map.entries.flatMap(({ key, keySpan, node }) => {
    const path = `${field.path}.${key.slice(0, 60)}`
    if (node.kind !== 'scalar') {
      problems.error({
        path,
        span: keySpan,
        value: kindOf(node),
        message: `\`${path}\` must be text, a number or a boolean, not ${kindOf(node)}`,
        hint: 'Write structured values as JSON text in quotes.',
        shows: 'head',
      })
      return []
    }
    if (option === '--env') warnOfOtherReading(node, path, problems)
    const declared = { name: key, path, span: keySpan }
    return [node.value === null ? declared : { ...declared, value: node.source }]
  })
}

function listedSecrets(field: Field, problems: ProblemList): Declared[] {
  if (field.node.kind !== 'list') return []
  return field.node.items.slice(0, maxVariables).flatMap((item, index) => {
    const path = `${field.path}[${index}]`
    if (item.kind === 'scalar' && typeof item.value === 'string')
      return [{ name: item.source, path, span: item.span }]
    problems.error({
      path,
      span: { start: item.span.start, end: item.span.start },
      value: kindOf(item),
      message: `\`${path}\` must be the name of a secret, not ${kindOf(item)}`,
      hint: 'List names (- TOKEN), or write a map (TOKEN: value).',
      shows: 'head',
    })
    return []
  })
}

function warnOfOtherReading(node: YamlScalar, path: string, problems: ProblemList): void {
  if (!differsFromYaml11(node)) return
  problems.warning({
    path,
    span: node.span,
    value: node.source.slice(0, 60),
    message: `\`${path}\` is passed exactly as written; SkyPilot reads this unquoted value differently`,
    hint: 'Put the value in quotes: then both read it the same.',
  })
}

function isUsableName(name: string, entry: Declared, problems: ProblemList): boolean {
  const isReserved = reservedNames.has(name) || name.startsWith('SKYKEEP_')
  if (variableName.test(name) && !isReserved) return true
  // A text that is no name may be a misplaced value: it is not shown.
  problems.error({
    path: isReserved ? entry.path : entry.path.slice(0, entry.path.search(/[.[ ]/)) || documentPath,
    span: { start: entry.span.start, end: isReserved ? entry.span.end : entry.span.start },
    value: isReserved ? name : 'not a variable name',
    message: isReserved
      ? `\`${name}\` is set by the system and cannot be given`
      : 'a variable’s name may have only letters, digits and _, and does not start with a digit',
    hint: isReserved ? 'Choose another name.' : 'Rename the variable, for example MODEL_NAME.',
    shows: 'head',
  })
  return false
}

function reportMissing(entry: Declared, option: string, problems: ProblemList): void {
  problems.error({
    path: entry.path,
    span: entry.span,
    value: 'nothing',
    message: `\`${entry.path}\` has no value in the file, so it must be given on the command line`,
    hint: `Add ${option} ${entry.name}=VALUE, or write a value in the file (an empty one as "").`,
    shows: 'head',
  })
}

function reportTooLong(entry: Declared, problems: ProblemList): void {
  problems.error({
    path: entry.path,
    span: entry.span,
    value: 'a very long value',
    message: `\`${entry.path}\` is longer than ${maxValueCharacters} characters`,
    hint: 'Put the value into a file of the workdir.',
    shows: 'head',
  })
}

function ownValue(record: Readonly<Record<string, string>>, key: string): string | undefined {
  return Object.hasOwn(record, key) ? record[key] : undefined
}
