import {
  defaultLoadFactor,
  defaultPrefixBytes,
  hashSources,
  type HashSource,
  type HashSpec,
  type LoadBalancingPolicy,
} from '@skykeep/core/service-spec'
import { readCookieName, readHeaderName } from './field-names.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readChoice, readNumber } from './scalars.ts'
import { childField, readMap, readSection, type Field } from './section.ts'

const prefixRange = { least: 1, most: 8192, isInteger: true }
const factorRange = { least: 1, most: 100, isInteger: false }

const examples: Readonly<Record<HashSource, string>> = {
  header: '{by: header, name: X-Session-Id}',
  cookie: '{by: cookie, name: session}',
  path: '{by: path}',
  client_address: '{by: client_address}',
  prompt: '{by: prompt, prefix_bytes: 256}',
}

/** `service.load_balancer.hash`; undefined: none, or one that is reported. */
export function readHash(balancer: Field | undefined, problems: ProblemList): HashSpec | undefined {
  const field = childField(balancer, 'hash')
  const map = field === undefined ? undefined : readMap(field, problems)
  if (field === undefined || map === undefined) return undefined
  const fields = readSection(map, 'service.load_balancer.hash', problems)
  const factor = fields.get('load_factor')
  const loadFactor =
    (factor === undefined ? undefined : readNumber(factor, factorRange, problems)) ?? defaultLoadFactor
  const byField = fields.get('by')
  if (byField === undefined) {
    const message = '`hash` needs `by`: what of a request is hashed'
    reportKey(field, { message, hint: `Write for example \`hash: ${examples.header}\`.` }, problems)
    return undefined
  }
  const by = readChoice(byField, hashSources, problems)
  if (by === undefined) return undefined
  return {
    by,
    ...readName(field, { by, name: fields.get('name') }, problems),
    ...readPrefix(by, fields.get('prefix_bytes'), problems),
    loadFactor,
  }
}

function readName(
  hash: Field,
  { by, name }: { readonly by: HashSource; readonly name: Field | undefined },
  problems: ProblemList,
): Pick<HashSpec, 'name'> {
  if (by !== 'header' && by !== 'cookie') {
    if (name !== undefined) {
      const message = `\`name\` is for \`by: header\` and \`by: cookie\`, not for \`by: ${by}\``
      reportKey(name, { message, hint: `Write \`hash: ${examples[by]}\`.` }, problems)
    }
    return {}
  }
  if (name === undefined) {
    const message = `\`by: ${by}\` needs \`name\`: which ${by}`
    reportKey(hash, { message, hint: `Write for example \`hash: ${examples[by]}\`.` }, problems)
    return {}
  }
  const text = by === 'header' ? readHeaderName(name, problems) : readCookieName(name, problems)
  return text === undefined ? {} : { name: text }
}

function readPrefix(
  by: HashSource,
  field: Field | undefined,
  problems: ProblemList,
): Pick<HashSpec, 'prefixBytes'> {
  if (by === 'prompt') {
    const read = field === undefined ? undefined : readNumber(field, prefixRange, problems)
    return { prefixBytes: read ?? defaultPrefixBytes }
  }
  if (field !== undefined) {
    const message = `\`prefix_bytes\` is for \`by: prompt\`, not for \`by: ${by}\``
    reportKey(field, { message, hint: 'Remove the key.' }, problems)
  }
  return {}
}

/** The policy and what it goes by stand together. */
export function checkHash(
  given: {
    readonly balancer: Field | undefined
    readonly policyField: Field | undefined
    readonly policy: LoadBalancingPolicy | undefined
  },
  problems: ProblemList,
): void {
  const { balancer, policyField, policy } = given
  const hash = childField(balancer, 'hash')
  if (policy === 'consistent_hash' && hash === undefined && policyField !== undefined) {
    const message = '`consistent_hash` needs `load_balancer.hash`: what of a request is hashed'
    const hint = `Write for example \`load_balancer: {hash: ${examples.header}}\` under \`service\`, or \`least_load\` here.`
    reportValue(policyField, { message, hint }, problems)
  }
  const isBroken = policyField !== undefined && policy === undefined
  if (policy !== 'consistent_hash' && hash !== undefined && !isBroken) {
    const message = '`load_balancer.hash` needs `load_balancing_policy: consistent_hash`'
    const hint = 'Write `load_balancing_policy: consistent_hash` under `service`, or remove the key.'
    reportKey(hash, { message, hint }, problems)
  }
}
