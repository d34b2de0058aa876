import type { Accelerator } from '@skykeep/core/service-spec'
import { shorten, type ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { plainNumberOf } from './scalars.ts'
import type { Field } from './section.ts'
import { kindOf, type YamlEntry, type YamlNode } from './yaml-tree.ts'

const maxAccelerators = 50
const maxCount = 1000
const acceleratorName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/
const example =
  'Write for example `L4`, `L4:2`, a list in order of preference, or a map of those that will do.'

export interface AcceleratorWish {
  readonly accelerators: readonly Accelerator[]
  /** True: in this order; false: any of them will do. */
  readonly isOrdered: boolean
}

/**
 * `resources.accelerators` as SkyPilot reads it: `L4:2`; a list is an order of preference; a map (`{L4: 1, A100: 1}`) or set
 * (`{L4:1, A100:1}`) means any of them. Undefined: none is asked for, or it was reported.
 */
export function readAccelerators(
  field: Field | undefined,
  problems: ProblemList,
): AcceleratorWish | undefined {
  if (field === undefined) return undefined
  const { node } = field
  if (node.kind === 'scalar' && node.value === null) return undefined
  const count = lengthOf(node)
  if (count === 0 || count > maxAccelerators) {
    const message = `\`${field.path}\` must name 1 to ${maxAccelerators} accelerators`
    reportKey(field, { message, hint: example }, problems)
    return undefined
  }
  const accelerators = readAll(field, problems)
  const isOrdered = node.kind === 'list' && accelerators.length > 1
  return accelerators.length === 0 ? undefined : { accelerators, isOrdered }
}

function lengthOf(node: YamlNode): number {
  if (node.kind === 'scalar') return 1
  return node.kind === 'list' ? node.items.length : node.entries.length
}

function readAll(field: Field, problems: ProblemList): readonly Accelerator[] {
  const { node } = field
  const found = new Map<string, Accelerator>()
  const add = (accelerator: Accelerator | undefined): void => {
    if (accelerator !== undefined) found.set(`${accelerator.name}:${accelerator.count}`, accelerator)
  }
  if (node.kind === 'map') for (const entry of node.entries) add(readEntry(field, entry, problems))
  else if (node.kind === 'list') {
    for (const [index, item] of node.items.entries()) {
      add(readItem({ ...field, path: `${field.path}[${index}]`, node: item }, problems))
    }
  } else add(readItem(field, problems))
  return [...found.values()]
}

function readItem(field: Field, problems: ProblemList): Accelerator | undefined {
  const { node } = field
  const text = node.kind === 'scalar' && typeof node.value === 'string' ? node.source : undefined
  if (text !== undefined) return check(field, parseAccelerator(text), problems)
  const message = `\`${field.path}\` must name an accelerator, not ${kindOf(node)}`
  const hint = node.kind === 'map' ? 'Write `L4:1` without a space after the colon.' : example
  reportValue(field, { message, hint }, problems)
  return undefined
}

/** `L4: 1` of a map, or `L4:1` of a set. */
function readEntry(
  map: Field,
  { key, keySpan, node }: YamlEntry,
  problems: ProblemList,
): Accelerator | undefined {
  const field = { path: `${map.path}.${shorten(key)}`, keySpan, node }
  if (node.kind === 'scalar' && node.value === null) {
    const member = { ...field, node: { ...node, span: keySpan, source: key } }
    return check(member, parseAccelerator(key), problems)
  }
  const count = node.kind === 'scalar' ? plainNumberOf(node) : undefined
  return check(field, count === undefined ? 'unreadable' : parseCount(key, count), problems)
}

type Parsed = Accelerator | 'unreadable' | 'fraction'

/** `L4`, or `L4:2`. */
export function parseAccelerator(text: string): Parsed {
  const [, name = '', count = '1'] = /^([^:]*)(?::(\d{1,4}(?:\.\d{1,3})?))?$/.exec(text.trim()) ?? []
  return parseCount(name, Number(count))
}

function parseCount(name: string, count: number): Parsed {
  if (!acceleratorName.test(name) || !(count > 0) || count > maxCount) return 'unreadable'
  return Number.isInteger(count) ? { name, count } : 'fraction'
}

function check(field: Field, parsed: Parsed, problems: ProblemList): Accelerator | undefined {
  if (typeof parsed === 'object') return parsed
  const isFraction = parsed === 'fraction'
  reportValue(
    field,
    {
      message: isFraction
        ? `\`${field.path}\` asks for a part of an accelerator, which is not supported yet: it arrives with the Kubernetes provider`
        : `\`${field.path}\` must be an accelerator and how many: a name, and a whole number from 1 to ${maxCount}`,
      hint: isFraction ? 'Write a whole number, such as `V100:1`.' : example,
    },
    problems,
  )
  return undefined
}
