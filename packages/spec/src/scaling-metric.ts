import type { ResourcesSpec, ScalingMetric } from '@skykeep/core/service-spec'
import { parseAccelerator } from './accelerators.ts'
import { shorten, type ProblemList } from './problem.ts'
import { reportKey } from './report.ts'
import { readNumber } from './scalars.ts'
import type { Field } from './section.ts'
import type { YamlEntry } from './yaml-tree.ts'

const targetRange = { least: 0.001, most: 1_000_000, isInteger: false }
const thresholdRange = { least: 1, most: 10_000, isInteger: true }
/** The keys of which one at most may stand there. */
export const metricKeys = ['target_qps_per_replica', 'target_in_flight_per_replica', 'queue_length_threshold']

/** The one metric of `service.replica_policy`; undefined: none, or it was reported. */
export function readScalingMetric(
  fields: ReadonlyMap<string, Field>,
  resources: ResourcesSpec,
  problems: ProblemList,
): ScalingMetric | undefined {
  const [field, second] = metricKeys.flatMap((key) => fields.get(key) ?? [])
  if (field === undefined) return undefined
  if (second !== undefined) {
    const message = `\`${field.path}\` and \`${second.path}\` exclude each other: a service scales by one metric`
    reportKey(second, { message, hint: 'Keep one of the two.' }, problems)
  }
  if (field.path.endsWith('target_qps_per_replica')) return readRate(field, resources, problems)
  if (field.path.endsWith('target_in_flight_per_replica')) {
    const target = readNumber(field, targetRange, problems)
    return target === undefined ? undefined : { kind: 'in_flight', targetInFlightPerReplica: target }
  }
  const threshold = readNumber(field, thresholdRange, problems)
  return threshold === undefined ? undefined : { kind: 'queue_length', queueLengthThreshold: threshold }
}

/** A number, or a map by accelerator (SkyPilot's `{"H100:1": 2.5, L4: 0.5}`). */
function readRate(field: Field, resources: ResourcesSpec, problems: ProblemList): ScalingMetric | undefined {
  const { node } = field
  if (node.kind !== 'map') {
    const target = readNumber(field, targetRange, problems)
    return target === undefined ? undefined : { kind: 'request_rate', targetQpsPerReplica: target }
  }
  if (node.entries.length === 0) {
    const message = `\`${field.path}\` names no accelerator`
    reportKey(
      field,
      { message, hint: 'Write for example `{L4: 0.5, "H100:1": 2.5}`, or one number.' },
      problems,
    )
    return undefined
  }
  const targets = node.entries.flatMap((entry) => readTarget(field, entry, problems))
  if (resources.accelerators === undefined) {
    const message = `\`${field.path}\` is by accelerator, and \`resources.accelerators\` names none`
    const hint = 'Name them in `resources.accelerators` (with `infra: sim`), or write one number.'
    reportKey(field, { message, hint }, problems)
    return undefined
  }
  warnOfStrangers(field, { keys: targets.map(([key]) => key), resources }, problems)
  return { kind: 'instance_aware', targetQpsByAccelerator: Object.fromEntries(targets) }
}

function readTarget(
  map: Field,
  { key, keySpan, node }: YamlEntry,
  problems: ProblemList,
): readonly (readonly [string, number])[] {
  const field = { path: `${map.path}.${shorten(key)}`, keySpan, node }
  if (typeof parseAccelerator(key) === 'string') {
    const message = `\`${shorten(key)}\` is not an accelerator: a name such as L4, or with a whole number such as L4:2`
    reportKey(field, { message, hint: 'Write for example `"H100:1": 2.5`.' }, problems)
    return []
  }
  const target = readNumber(field, targetRange, problems)
  return target === undefined ? [] : [[key, target]]
}

/** A replica whose accelerator no key names counts as the least of all, as in SkyPilot. */
function warnOfStrangers(
  field: Field,
  { keys, resources }: { readonly keys: readonly string[]; readonly resources: ResourcesSpec },
  problems: ProblemList,
): void {
  const named = new Set(keys.map((key) => key.split(':', 1)[0]))
  for (const { name, count } of resources.accelerators ?? []) {
    if (named.has(name)) continue
    problems.warning({
      path: field.path,
      span: field.keySpan,
      value: `${name}:${count}`,
      message: `\`${field.path}\` has no target for ${name}:${count}: such a replica counts as the least of the others`,
      hint: `Add \`"${name}:${count}"\` with the requests per second that it takes.`,
      shows: 'head',
    })
  }
}
