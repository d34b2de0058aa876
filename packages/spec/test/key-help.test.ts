import { describe, expect, it } from 'vitest'
import { parse, stringify } from 'yaml'
import type { SupportedKey } from '../src/keys/key-table.ts'
import { examplePem } from '../src/keys/token-keys.ts'
import { keyTableAt, keyTables, knownKeyAt } from '../src/known-keys.ts'
import { parsed, problemsOf } from './parse.ts'

interface Case {
  readonly table: string
  readonly key: string
  readonly known: SupportedKey
}

const cases: readonly Case[] = Object.entries(keyTables).flatMap(([table, keys]) =>
  Object.entries(keys).flatMap(([key, known]) =>
    known.status === 'supported' ? [{ table, key, known }] : [],
  ),
)

const ofSim = ['use_spot', 'accelerators']
const metrics = ['target_qps_per_replica', 'target_in_flight_per_replica', 'queue_length_threshold']

/** A service in which any key of any table may stand. */
function everywhere(): unknown {
  return {
    name: 'hello',
    run: 'node server.js',
    resources: { infra: 'sim', use_spot: true, accelerators: 'L4' },
    service: {
      readiness_probe: { path: '/' },
      replica_policy: { min_replicas: 1, max_replicas: 5, target_qps_per_replica: 1 },
      load_balancer: {
        max_concurrency_per_replica: 4,
        access: {
          require_key: true,
          requests_per_second: 1,
          key_requests_per_second: 1,
          tokens: { public_keys: [{ pem: examplePem('') }], requests_per_second: 1 },
        },
        outlier_detection: { max_error_ratio: 0.5 },
        access_log: { sample: 0.5 },
      },
      tls: { keyfile: 'k', certfile: 'c' },
      schedule: { time_zone: 'UTC', off_hours: [{ days: 'mon', from: '20:00', to: '07:00' }] },
      update: { canary: { header: { name: 'X-Canary', value: '1' } } },
    },
  }
}

function mapAt(root: unknown, table: string): object {
  let at = root
  for (const key of table.split('.').filter((part) => part !== '')) {
    const next: unknown = Reflect.get(Object(at), key)
    at = Array.isArray(next) ? next[0] : next
  }
  if (at === undefined) throw new Error(`the service has no map at ${table}`)
  return Object(at)
}

/** What cannot stand beside a key, or without it. */
const excluded: Readonly<Record<string, readonly string[]>> = {
  jwk: ['pem'],
  require_key: ['key_requests_per_second'],
}

const hashPath = 'service.load_balancer.hash'
const hedgePath = 'service.load_balancer.hedge'
/** For each key of `hash` one that it can stand in. */
const hashOfKey: Readonly<Record<string, object>> = {
  name: { by: 'header', name: 'X-Own' },
  prefix_bytes: { by: 'prompt' },
}

function hashes(service: object, hash: object | undefined): void {
  Reflect.set(service, 'load_balancing_policy', 'consistent_hash')
  if (hash !== undefined) Reflect.set(Object(Reflect.get(service, 'load_balancer')), 'hash', hash)
}

/** Sets what a policy needs beside it. */
function fitPolicy(root: unknown, policy: unknown): void {
  if (policy === 'consistent_hash') hashes(mapAt(root, 'service'), { by: 'path' })
  if (policy !== 'instance_aware_least_load') return
  Reflect.set(mapAt(root, 'service.replica_policy'), 'target_qps_per_replica', { L4: 1 })
}

function hashOf(service: object, { key, value }: { readonly key: string; readonly value: unknown }): void {
  // Only some may have a name, and those need it.
  const isNamed = key === 'by' && (value === 'header' || value === 'cookie')
  hashes(service, isNamed ? { name: 'X-Own' } : { by: 'path', ...hashOfKey[key] })
}

/** It needs one of its two keys, and takes no other beside it. */
function hedgeOf(service: object): object {
  const hedge = {}
  Reflect.set(Object(Reflect.get(service, 'load_balancer')), 'hedge', hedge)
  return hedge
}

/** The service with this one key set (undefined: not set), and what excludes it taken out. */
function withKey({ table, key }: Pick<Case, 'table' | 'key'>, value: unknown): string {
  const root = everywhere()
  const service = mapAt(root, 'service')
  if (table === hashPath) hashOf(service, { key, value })
  const map = table === hedgePath ? hedgeOf(service) : mapAt(root, table)
  if (table === 'service' && key === 'replicas') Reflect.deleteProperty(service, 'replica_policy')
  if (table === 'service' && key === 'ports') Reflect.set(mapAt(root, 'resources'), 'ports', [8080, 8081])
  if (metrics.includes(key)) for (const metric of metrics) Reflect.deleteProperty(map, metric)
  if (table === 'service.load_balancer' && key === 'hash') hashes(service, undefined)
  fitPolicy(root, value)
  // This machine has nothing of what only the simulated cloud offers.
  if (key === 'infra' && value !== 'sim') for (const other of ofSim) Reflect.deleteProperty(map, other)
  for (const other of excluded[key] ?? []) Reflect.deleteProperty(map, other)
  if (value === undefined) Reflect.deleteProperty(map, key)
  else Reflect.set(map, key, value)
  return stringify(root)
}

const title = ({ table, key }: Pick<Case, 'table' | 'key'>): string =>
  table === '' ? key : `${table}.${key}`

describe('every key that is read says what it is for', () => {
  it.each(cases.map((each) => [title(each), each] as const))('%s', (_, { key, known }) => {
    expect(known.help).toMatch(/^[A-Z].*[.]$/)
    expect(known.says.trim()).not.toBe('')
    expect(known.unlessSaid?.trim()).not.toBe('')
    expect(known.example.startsWith(`${key}:`)).toBe(true)
  })
})

describe('every example is read as it stands', () => {
  it.each(cases.map((each) => [title(each), each] as const))('%s', (_, each) => {
    const value: unknown = Reflect.get(Object(parse(each.known.example)), each.key)
    expect(value).toBeDefined()
    expect(parsed(withKey(each, value)).warnings).toEqual([])
  })
})

const literal = /^(?:\d+(?:\.\d+)?|true|false|\[.*\]|\/)$/
/** The gateway fills these in: the spec leaves them out. */
const ofTheGateway = new Set(['stream_timeout_seconds', 'parking_timeout_seconds'])
const withDefault = cases.filter(
  ({ key, known: { unlessSaid, values } }) =>
    unlessSaid !== null &&
    !ofTheGateway.has(key) &&
    (literal.test(unlessSaid) || values?.includes(unlessSaid) === true),
)

describe('what holds unless said is what the parser takes', () => {
  it('is a value for most keys', () => {
    expect(withDefault.length).toBeGreaterThanOrEqual(25)
  })
  it.each(withDefault.map((each) => [title(each), each] as const))('%s', (_, each) => {
    const value: unknown = parse(each.known.unlessSaid ?? '')
    expect(parsed(withKey(each, value)).spec).toEqual(parsed(withKey(each, undefined)).spec)
  })
})

describe('the values of a key are those that the parser takes', () => {
  const closed = cases.filter(({ known }) => known.values !== undefined)
  it.each(closed.map((each) => [title(each), each] as const))('%s', (_, each) => {
    for (const value of each.known.values ?? []) parsed(withKey(each, parse(value)))
    const [problem] = problemsOf(withKey(each, 'nonsense'))
    expect(problem?.path).toBe(title(each))
  })
})

it('a key is found by the path of its table, and nothing else is', () => {
  expect(knownKeyAt('service.update', 'mode')?.status).toBe('supported')
  expect(knownKeyAt('', 'pool')?.status).toBe('later')
  for (const [path, key] of [
    ['service', 'toString'],
    ['nowhere', 'mode'],
    ['toString', 'mode'],
  ] as const) {
    expect(knownKeyAt(path, key)).toBeUndefined()
  }
  expect(keyTableAt('service.tls')).toBe(keyTables['service.tls'])
})
