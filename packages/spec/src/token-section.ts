import type { TokenKeySpec, TokensSpec } from '@skykeep/core/service-spec'
import { readHeaderName } from './field-names.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readNumber, readText } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { algorithmFault, readJwk, readPem, type KeyFault, type ReadKey } from './token-key.ts'
import type { YamlNode } from './yaml-tree.ts'

const table = 'service.load_balancer.access.tokens'
const maxKeys = 20
const maxClaims = 20
const maxKidCharacters = 128
const defaults = { leewaySeconds: 30, maxLifetimeSeconds: 86_400 }
const leeway = { least: 0, most: 300, isInteger: true }
const lifetime = { least: 60, most: 31_536_000, isInteger: true }
const rate = { least: 0.01, most: 1_000_000, isInteger: false }
const burst = { least: 1, most: 1_000_000, isInteger: true }
/** Headers that frame, route or mean something to the gateway itself. */
const reserved =
  /^(?:host|connection|keep-alive|te|trailer|upgrade|expect|cookie|via|date|forwarded|authorization|transfer-encoding|http2-settings|x-api-key|x-request-id|traceparent|tracestate|(?:content|proxy|x-forwarded|x-skykeep)-.*)$/i

/** `service.load_balancer.access.tokens`. Undefined: none, or it was reported. */
export function readTokens(field: Field, problems: ProblemList): TokensSpec | undefined {
  const map = readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, table, problems)
  const one = <T>(key: string, read: (field: Field) => T | undefined): T | undefined => {
    const given = fields.get(key)
    return given === undefined ? undefined : read(given)
  }
  if (!fields.has('public_keys')) {
    const message = '`tokens` needs `public_keys`: with which keys tokens are signed'
    reportKey(
      field,
      { message, hint: 'Write `public_keys:` with a `pem: |` or a `jwk:` below it.' },
      problems,
    )
  }
  if (fields.has('burst') && !fields.has('requests_per_second')) {
    const message = '`burst` needs `requests_per_second`: without a rate there is no limit'
    reportKey(
      fields.get('burst') ?? field,
      { message, hint: 'Write `requests_per_second: 10` beside it.' },
      problems,
    )
  }
  const publicKeys = one('public_keys', (given) => readKeys(given, problems))
  const optional = {
    issuer: one('issuer', (given) => readWord(given, problems)),
    audience: one('audience', (given) => readWord(given, problems)),
    requiredClaims: one('required_claims', (given) => readClaims(given, problems)),
    requestsPerSecond: one('requests_per_second', (given) => readNumber(given, rate, problems)),
    burst: one('burst', (given) => readNumber(given, burst, problems)),
    subjectHeader: one('subject_header', (given) => readSubjectHeader(given, problems)),
  }
  return {
    publicKeys: publicKeys ?? [],
    leewaySeconds:
      one('leeway_seconds', (given) => readNumber(given, leeway, problems)) ?? defaults.leewaySeconds,
    maxLifetimeSeconds:
      one('max_lifetime_seconds', (given) => readNumber(given, lifetime, problems)) ??
      defaults.maxLifetimeSeconds,
    ...definedOf(optional),
  }
}

type Defined<T> = { readonly [K in keyof T]?: Exclude<T[K], undefined> }

function definedOf<T extends object>(value: T): Defined<T> {
  // Only what is undefined goes.
  return Object.fromEntries(Object.entries(value).filter(([, each]) => each !== undefined)) as Defined<T>
}

function readKeys(field: Field, problems: ProblemList): readonly TokenKeySpec[] | undefined {
  const { node } = field
  if (node.kind !== 'list' || node.items.length === 0 || node.items.length > maxKeys) {
    const message = `\`${field.path}\` must be a list of 1 to ${maxKeys} public keys`
    reportKey(
      field,
      { message, hint: 'Write each as `- pem: |` or `- jwk:`, with a `kid` where there are several.' },
      problems,
    )
    return undefined
  }
  const keys: TokenKeySpec[] = []
  const kids = new Set<string | undefined>()
  for (const [at, item] of node.items.entries()) {
    const one: Field = { path: `${field.path}[${at}]`, keySpan: field.keySpan, node: item }
    const key = readKeyItem(one, problems)
    if (key === undefined) continue
    if (key.kid === '' || (key.kid?.length ?? 0) > maxKidCharacters) {
      const message = `\`kid\` must have 1 to ${maxKidCharacters} characters`
      reportKey(one, { message, hint: 'Write a short name.' }, problems)
    }
    if (kids.has(key.kid)) {
      const message = key.kid === undefined ? 'two keys have no `kid`' : 'two keys have the same `kid`'
      reportKey(
        one,
        { message, hint: 'Give each its own: tokens say by it which key signed them.' },
        problems,
      )
    }
    kids.add(key.kid)
    keys.push(key)
  }
  return keys
}

function readKeyItem(field: Field, problems: ProblemList): TokenKeySpec | undefined {
  if (field.node.kind !== 'map') {
    const message = `\`${field.path}\` must be a map with \`pem\` or \`jwk\``
    reportKey(field, { message, hint: 'Write `- pem: |` and the key’s text below it, indented.' }, problems)
    return undefined
  }
  const fields = readSection(field.node, `${table}.public_keys`, problems, field.path)
  const [pem, jwk, written, algorithm] = ['pem', 'jwk', 'kid', 'alg'].map((key) => fields.get(key))
  const key = readOneForm(field, { pem, jwk }, problems)
  if (key === undefined) return undefined
  const said = algorithm === undefined ? undefined : readText(algorithm, problems)
  const fault = said === undefined ? null : algorithmFault(said, key.alg)
  if (fault !== null && algorithm !== undefined) return complain(algorithm, fault, problems)
  if (written === undefined) return key
  const kid = readText(written, problems)
  return kid === undefined ? undefined : { ...key, kid }
}

function readOneForm(
  field: Field,
  { pem, jwk }: { readonly pem: Field | undefined; readonly jwk: Field | undefined },
  problems: ProblemList,
): TokenKeySpec | undefined {
  const given = pem ?? jwk
  if (given === undefined || (pem !== undefined && jwk !== undefined)) {
    const message = `\`${field.path}\` must have \`pem\` or \`jwk\`, one of the two`
    const hint = 'A public key is written in one form only.'
    return complain(given ?? field, { message, hint }, problems)
  }
  const read = pem === undefined ? jwkOf(given, problems) : pemOf(given, problems)
  if (read === undefined) return undefined
  return 'fault' in read ? complain(given, read.fault, problems) : read.key
}

/** At the key, so that nothing of what stands there is shown: it may be a private key. */
function complain(field: Field, fault: KeyFault, problems: ProblemList): undefined {
  reportKey(field, fault, problems)
  return undefined
}

function pemOf(field: Field, problems: ProblemList): ReadKey | undefined {
  if (field.node.kind === 'scalar' && typeof field.node.value === 'string') return readPem(field.node.value)
  return complain(
    field,
    {
      message: `\`${field.path}\` must be text`,
      hint: 'Write `pem: |` and the key’s text below it, indented.',
    },
    problems,
  )
}

function jwkOf(field: Field, problems: ProblemList): ReadKey | undefined {
  const members = membersOf(field.node)
  if (members !== null) return readJwk(members)
  return complain(
    field,
    {
      message: `\`${field.path}\` must be a JSON Web Key`,
      hint: 'Write for example `jwk: {kty: OKP, crv: Ed25519, x: …}`.',
    },
    problems,
  )
}

/** The members of a JWK that are text; null: it is none. */
function membersOf(node: YamlNode): ReadonlyMap<string, string> | null {
  if (node.kind === 'map') {
    return new Map(
      node.entries.flatMap(({ key, node: value }) => (value.kind === 'scalar' ? [[key, value.source]] : [])),
    )
  }
  if (node.kind !== 'scalar' || typeof node.value !== 'string') return null
  try {
    const read: unknown = JSON.parse(node.value)
    if (typeof read !== 'object' || read === null || Array.isArray(read)) return null
    return new Map(
      Object.entries(read).flatMap(([key, value]) => (typeof value === 'string' ? [[key, value]] : [])),
    )
  } catch {
    return null
  }
}

/** What a claim is compared with, letter by letter (RFC 7519 §2, StringOrURI): 1 to 1000 characters. */
function readWord(field: Field, problems: ProblemList): string | undefined {
  const text = readText(field, problems)
  if (text === undefined || (text !== '' && text.length <= 1000)) return text
  reportValue(
    field,
    {
      message: `\`${field.path}\` must have 1 to 1000 characters`,
      hint: 'Write it exactly as the tokens have it.',
    },
    problems,
  )
  return undefined
}

function readClaims(field: Field, problems: ProblemList): Readonly<Record<string, string>> | undefined {
  const map = readMap(field, problems)
  if (map === undefined) return undefined
  if (map.entries.length > maxClaims) {
    reportKey(
      field,
      { message: `\`${field.path}\` has more than ${maxClaims} claims`, hint: 'Ask for fewer.' },
      problems,
    )
    return undefined
  }
  const claims = map.entries.flatMap(({ key, keySpan, node }) => {
    const text = readWord({ path: `${field.path}.${key}`, keySpan, node }, problems)
    return text === undefined ? [] : [[key, text] as const]
  })
  return claims.length === 0 ? undefined : Object.fromEntries(claims)
}

function readSubjectHeader(field: Field, problems: ProblemList): string | undefined {
  const name = readHeaderName(field, problems)
  if (name === undefined || !reserved.test(name)) return name
  const message = `\`${name}\` is a header of HTTP or of the gateway’s own`
  reportValue(field, { message, hint: 'Write for example `subject_header: X-Subject`.' }, problems)
  return undefined
}
