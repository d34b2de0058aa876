import type { AccessSpec } from '@skykeep/core/service-spec'
import { rangeFault } from './address-range.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readBoolean, readNumber, readText } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { readTokens } from './token-section.ts'

const rate = { least: 0.01, most: 1_000_000, isInteger: false }
const burst = { least: 1, most: 1_000_000, isInteger: true }
const maxRanges = 1000

/** `service.load_balancer.access`. Undefined: none, or it was reported. */
export function readAccess(field: Field | undefined, problems: ProblemList): AccessSpec | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, 'service.load_balancer.access', problems)
  const one = <T>(key: string, read: (field: Field) => T | undefined): T | undefined => {
    const given = fields.get(key)
    return given === undefined ? undefined : read(given)
  }
  const isOn = (given: Field): boolean | undefined => readBoolean(given, problems)
  const spec = {
    allow: one('allow', (given) => readRanges(given, problems)),
    requireKey: one('require_key', isOn),
    tokens: one('tokens', (given) => readTokens(given, problems)),
    forwardKey: one('forward_key', isOn),
    allowPreflight: one('allow_preflight', isOn),
    requestsPerSecond: one('requests_per_second', (given) => readNumber(given, rate, problems)),
    burst: one('burst', (given) => readNumber(given, burst, problems)),
    keyRequestsPerSecond: one('key_requests_per_second', (given) => readNumber(given, rate, problems)),
    keyBurst: one('key_burst', (given) => readNumber(given, burst, problems)),
  }
  checkTogether(
    fields,
    { isKeyRequired: spec.requireKey === true, hasTokens: fields.has('tokens') },
    problems,
  )
  return withoutAbsent(spec)
}

type Absent<T> = { readonly [K in keyof T]: T[K] | undefined }

function withoutAbsent({
  allow,
  requireKey,
  tokens,
  forwardKey,
  allowPreflight,
  ...limits
}: Absent<Required<AccessSpec>>): AccessSpec {
  const { requestsPerSecond, burst: atOnce, keyRequestsPerSecond, keyBurst } = limits
  return {
    ...(allow === undefined ? {} : { allow }),
    ...(requireKey === true ? { requireKey } : {}),
    ...(tokens === undefined ? {} : { tokens }),
    ...(forwardKey === true ? { forwardKey } : {}),
    ...(allowPreflight === true ? { allowPreflight } : {}),
    ...(requestsPerSecond === undefined ? {} : { requestsPerSecond }),
    ...(atOnce === undefined ? {} : { burst: atOnce }),
    ...(keyRequestsPerSecond === undefined ? {} : { keyRequestsPerSecond }),
    ...(keyBurst === undefined ? {} : { keyBurst }),
  }
}

/** A key that would do nothing is a mistake that nobody would notice. */
function checkTogether(
  fields: ReadonlyMap<string, Field>,
  { isKeyRequired, hasTokens }: { readonly isKeyRequired: boolean; readonly hasTokens: boolean },
  problems: ProblemList,
): void {
  for (const [key, needed] of [
    ['burst', 'requests_per_second'],
    ['key_burst', 'key_requests_per_second'],
  ] as const) {
    const given = fields.get(key)
    if (given === undefined || fields.has(needed)) continue
    const message = `\`${key}\` needs \`${needed}\`: without a rate there is no limit`
    reportKey(given, { message, hint: `Write for example \`${needed}: 10\` beside it.` }, problems)
  }
  if (isKeyRequired) return
  for (const key of ['forward_key', 'allow_preflight', 'key_requests_per_second']) {
    const given = fields.get(key)
    if (given === undefined || (hasTokens && key !== 'key_requests_per_second')) continue
    const message = `\`${key}\` needs \`require_key: true\`: without it no key is looked at`
    reportKey(
      given,
      { message, hint: `Write \`require_key: true\` beside it, or remove \`${key}\`.` },
      problems,
    )
  }
}

function readRanges(field: Field, problems: ProblemList): readonly string[] | undefined {
  const { node } = field
  if (node.kind !== 'list' || node.items.length === 0 || node.items.length > maxRanges) {
    const message = `\`${field.path}\` must be a list of 1 to ${maxRanges} address ranges`
    const hint = 'Write for example `allow: [10.0.0.0/8]`; without the key every address may ask.'
    reportKey(field, { message, hint }, problems)
    return undefined
  }
  const ranges: string[] = []
  for (const [at, item] of node.items.entries()) {
    const one: Field = { path: `${field.path}[${at}]`, keySpan: field.keySpan, node: item }
    const range = readText(one, problems)
    if (range === undefined) continue
    const fault = rangeFault(range)
    if (fault === null) ranges.push(range)
    else reportValue(one, fault, problems)
  }
  return ranges
}
