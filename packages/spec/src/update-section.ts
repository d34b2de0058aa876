import {
  defaultUpdatePolicy,
  updateModes,
  type CanaryPolicy,
  type HeaderMatch,
  type UpdatePolicy,
} from '@skykeep/core/service-spec'
import { readHeaderName, readHeaderValue } from './field-names.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { plainNumberOf, readBoolean, readChoice, readNumber, type NumberRange } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'

const maxSteps = 20
const seconds = { least: 0, most: 86_400, isInteger: false }

type Fields = ReadonlyMap<string, Field>

/** `service.update`; what is not said is as in `defaultUpdatePolicy`. Undefined: none, or it is no map. */
export function readUpdate(field: Field | undefined, problems: ProblemList): UpdatePolicy | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, 'service.update', problems)
  const mode = fields.get('mode')
  const rollback = fields.get('automatic_rollback')
  const policy: UpdatePolicy = {
    mode:
      (mode === undefined ? undefined : readChoice(mode, updateModes, problems)) ?? defaultUpdatePolicy.mode,
    maxSurge: numberOr(
      fields.get('max_surge'),
      { least: 1, most: 100, isInteger: true },
      defaultUpdatePolicy.maxSurge,
      problems,
    ),
    minReadySeconds: numberOr(
      fields.get('min_ready_seconds'),
      seconds,
      defaultUpdatePolicy.minReadySeconds,
      problems,
    ),
    progressDeadlineSeconds: numberOr(
      fields.get('progress_deadline_seconds'),
      { ...seconds, least: 1 },
      defaultUpdatePolicy.progressDeadlineSeconds,
      problems,
    ),
    isAutomaticRollback:
      (rollback === undefined ? undefined : readBoolean(rollback, problems)) ??
      defaultUpdatePolicy.isAutomaticRollback,
    canary: readCanary(fields.get('canary'), problems),
  }
  checkDeadline(fields, policy, problems)
  return policy
}

function numberOr(
  field: Field | undefined,
  range: NumberRange,
  fallback: number,
  problems: ProblemList,
): number {
  return (field === undefined ? undefined : readNumber(field, range, problems)) ?? fallback
}

/** A replica that has to be ready for longer than an update may take would end every update. */
function checkDeadline(fields: Fields, policy: UpdatePolicy, problems: ProblemList): void {
  const field = fields.get('progress_deadline_seconds') ?? fields.get('min_ready_seconds')
  if (field === undefined || policy.minReadySeconds < policy.progressDeadlineSeconds) return
  const message =
    `\`progress_deadline_seconds\` (${policy.progressDeadlineSeconds}) must be above ` +
    `\`min_ready_seconds\` (${policy.minReadySeconds}): no update could ever come through`
  reportValue(field, { message, hint: 'Raise the deadline, or lower `min_ready_seconds`.' }, problems)
}

function readCanary(field: Field | undefined, problems: ProblemList): CanaryPolicy {
  const { canary } = defaultUpdatePolicy
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return canary
  const fields = readSection(map, 'service.update.canary', problems)
  const header = readHeader(fields.get('header'), problems)
  return {
    ...(header === undefined ? {} : { header }),
    stepPercents: readSteps(fields.get('steps'), problems) ?? canary.stepPercents,
    bakeSeconds: numberOr(fields.get('bake_seconds'), seconds, canary.bakeSeconds, problems),
    minRequests: numberOr(
      fields.get('min_requests'),
      { least: 0, most: 1_000_000, isInteger: true },
      canary.minRequests,
      problems,
    ),
    maxErrorRatio: numberOr(
      fields.get('max_error_ratio'),
      { least: 0, most: 1, isInteger: false },
      canary.maxErrorRatio,
      problems,
    ),
    maxLatencyRatio: numberOr(
      fields.get('max_latency_ratio'),
      { least: 1, most: 1000, isInteger: false },
      canary.maxLatencyRatio,
      problems,
    ),
  }
}

/** `service.update.canary.header`: both of its keys, or it is reported. */
function readHeader(field: Field | undefined, problems: ProblemList): HeaderMatch | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (field === undefined || map === undefined) return undefined
  const fields = readSection(map, 'service.update.canary.header', problems)
  const [nameField, valueField] = [fields.get('name'), fields.get('value')]
  const name = nameField === undefined ? undefined : readHeaderName(nameField, problems)
  const value = valueField === undefined ? undefined : readHeaderValue(valueField, problems)
  if (name !== undefined && value !== undefined) return { name, value }
  const lacks = ['name', 'value'].filter((key) => !fields.has(key))
  if (lacks.length > 0) {
    const message = `\`header\` needs ${lacks.map((key) => `\`${key}\``).join(' and ')}`
    const hint = 'Write for example `header: {name: X-Canary, value: "1"}`.'
    reportKey(field, { message, hint }, problems)
  }
  return undefined
}

/** Percent of the requests in each step, rising: whole numbers from 1 to 99. */
function readSteps(field: Field | undefined, problems: ProblemList): readonly number[] | undefined {
  if (field === undefined) return undefined
  const items = field.node.kind === 'list' ? field.node.items : []
  const steps = items.map((item) => (item.kind === 'scalar' ? plainNumberOf(item) : undefined) ?? Number.NaN)
  const isRising = steps.every((step, index) => step > (steps[index - 1] ?? 0))
  const isWhole = steps.every((step) => Number.isInteger(step) && step >= 1 && step <= 99)
  if (isRising && isWhole && steps.length > 0 && steps.length <= maxSteps) return steps
  const message = `\`${field.path}\` must be a list of 1 to ${maxSteps} rising whole numbers from 1 to 99: percent of the requests`
  reportKey(field, { message, hint: 'Write for example `steps: [10, 50]`.' }, problems)
  return undefined
}
