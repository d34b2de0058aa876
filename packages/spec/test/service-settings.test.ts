import { defaultOutliers, defaultUpdatePolicy } from '@skykeep/core/service-spec'
import { describe, expect, it } from 'vitest'
import { parsed, serviceYaml } from './parse.ts'
import { itReads, itRefuses, service, type Accepted, type Refused } from './tables.ts'

const tls = (text: string): string => service(`tls: {${text}}`)
const update = (text: string): string => service(`update: {${text}}`)
const canary = (text: string): string => update(`canary: {${text}}`)
const balancer = (text: string): string => service(`load_balancer: {${text}}`)

const outlierPath = 'service.load_balancer.outlier_detection'
const outliers = (text: string): string => balancer(`outlier_detection: {${text}}`)

const hash = (text: string): string =>
  service(`load_balancing_policy: consistent_hash\nload_balancer: {hash: {${text}}}`)

const accepted: readonly Accepted[] = [
  [
    'nothing that is not said',
    service('replicas: 2'),
    (s) => Object.keys(s.service).toSorted(),
    ['loadBalancingPolicy', 'readinessProbe', 'replicas', 'streamTimeoutSeconds'],
  ],
  [
    'tls',
    tls('keyfile: k.pem, certfile: /c.pem'),
    (s) => s.service.tls,
    { keyFile: 'k.pem', certFile: '/c.pem' },
  ],
  ['an empty update', service('update:'), (s) => s.service.update, defaultUpdatePolicy],
  [
    'a mode',
    update('mode: Blue_Green'),
    (s) => s.service.update,
    { ...defaultUpdatePolicy, mode: 'blue_green' },
  ],
  [
    'every key of an update',
    update(
      'mode: canary, max_surge: 3, min_ready_seconds: 5, progress_deadline_seconds: 60, automatic_rollback: off, canary: {steps: [5, 25, 99], bake_seconds: 0, min_requests: 0, max_error_ratio: 0, max_latency_ratio: 1.5}',
    ),
    (s) => s.service.update,
    {
      mode: 'canary',
      maxSurge: 3,
      minReadySeconds: 5,
      progressDeadlineSeconds: 60,
      isAutomaticRollback: false,
      canary: {
        stepPercents: [5, 25, 99],
        bakeSeconds: 0,
        minRequests: 0,
        maxErrorRatio: 0,
        maxLatencyRatio: 1.5,
      },
    },
  ],
  [
    'limits and parking',
    balancer('max_concurrency_per_replica: 8, max_parked_requests: 0, parking_timeout_seconds: 30'),
    (s) => [s.service.maxConcurrencyPerReplica, s.service.maxParkedRequests, s.service.parkingTimeoutSeconds],
    [8, 0, 30],
  ],
  [
    'a hedge after a time',
    balancer('hedge: {after_seconds: 0.2}'),
    (s) => s.service.hedge,
    { afterSeconds: 0.2 },
  ],
  [
    'a hedge by a percentile',
    balancer('hedge: {percentile: 99.9}'),
    (s) => s.service.hedge,
    { percentile: 99.9 },
  ],
  ['a log of every request', balancer('access_log: {}'), (s) => s.service.accessLog, { sample: 1 }],
  ['a log of a few', balancer('access_log: {sample: 0.01}'), (s) => s.service.accessLog, { sample: 0.01 }],
  [
    'outlier detection as it is unless said',
    balancer('outlier_detection: {}'),
    (s) => s.service.outlierDetection,
    defaultOutliers,
  ],
  [
    'outlier detection with some of its settings',
    outliers('consecutive_errors: 9, ejection_seconds: 2.5, max_ejected_percent: 50'),
    (s) => s.service.outlierDetection,
    { ...defaultOutliers, consecutiveErrors: 9, ejectionSeconds: 2.5, maxEjectedPercent: 50 },
  ],
  [
    'power of two choices',
    service('load_balancing_policy: power_of_two_choices'),
    (s) => [s.service.loadBalancingPolicy, s.service.hash],
    ['power_of_two_choices', undefined],
  ],
  [
    'a hash by a header',
    hash('by: header, name: X-Session-Id'),
    (s) => [s.service.loadBalancingPolicy, s.service.hash],
    ['consistent_hash', { by: 'header', name: 'X-Session-Id', loadFactor: 1.25 }],
  ],
  [
    'a hash by a cookie',
    hash('by: Cookie, name: my_session, load_factor: 2'),
    (s) => s.service.hash,
    { by: 'cookie', name: 'my_session', loadFactor: 2 },
  ],
  ['a hash by the path', hash('by: path'), (s) => s.service.hash, { by: 'path', loadFactor: 1.25 }],
  [
    'a hash by the prompt',
    hash('by: prompt'),
    (s) => s.service.hash,
    { by: 'prompt', prefixBytes: 256, loadFactor: 1.25 },
  ],
  [
    'a header of a canary',
    canary('header: {name: X-Canary, value: "1"}'),
    (s) => s.service.update?.canary.header,
    { name: 'X-Canary', value: '1' },
  ],
]

describe('settings of a service are read', () => {
  itReads(accepted)
})

const refused: readonly Refused[] = [
  [tls('keyfile: k.pem'), 'service.tls', /needs `certfile`/, /certfile: /],
  [tls(''), 'service.tls', /needs `keyfile` and `certfile`/, /keyfile: /],
  [service('tls: cert.pem'), 'service.tls', /must be a map/, /indented/],
  [tls('keyfile: 1, certfile: c'), 'service.tls.keyfile', /text, not a number/, /quotes/],
  [tls('keyfile: "", certfile: c'), 'service.tls.keyfile', /path of a PEM file/, /key.pem/],
  [
    tls('keyfile: "-----BEGIN PRIVATE KEY-----", certfile: c'),
    'service.tls.keyfile',
    /not its content/,
    /key.pem/,
  ],
  [
    update('mode: blue-green'),
    'service.update.mode',
    /does not know "blue-green"/,
    /Did you mean `blue_green`/,
  ],
  [update('mode: recreate'), 'service.update.mode', /does not know/, /rolling, blue_green, canary/],
  [update('max_surge: 0'), 'service.update.max_surge', /1 to 100/, /100/],
  [update('min_ready_seconds: -1'), 'service.update.min_ready_seconds', /0 to 86400/, /86400/],
  [update('min_ready_seconds: 600'), 'service.update.min_ready_seconds', /must be above/, /deadline/],
  [update('progress_deadline_seconds: 0'), 'service.update.progress_deadline_seconds', /1 to 86400/, /86400/],
  [
    update('progress_deadline_seconds: 5, min_ready_seconds: 5'),
    'service.update.progress_deadline_seconds',
    /\(5\) must be above .*\(5\)/,
    /Raise/,
  ],
  [
    update('automatic_rollback: never'),
    'service.update.automatic_rollback',
    /true or false/,
    /true or false/,
  ],
  [service('update: canary'), 'service.update', /must be a map/, /indented/],
  [canary('steps: [50, 10]'), 'service.update.canary.steps', /rising/, /\[10, 50\]/],
  [canary('steps: [10, 100]'), 'service.update.canary.steps', /1 to 99/, /\[10, 50\]/],
  [canary('steps: [10.5]'), 'service.update.canary.steps', /whole/, /\[10, 50\]/],
  [canary('steps: []'), 'service.update.canary.steps', /1 to 20/, /\[10, 50\]/],
  [canary('steps: 10'), 'service.update.canary.steps', /list/, /\[10, 50\]/],
  [canary('max_error_ratio: 2'), 'service.update.canary.max_error_ratio', /0 to 1/, /1/],
  [canary('max_latency_ratio: 0.5'), 'service.update.canary.max_latency_ratio', /1 to 1000/, /1000/],
  [
    balancer('max_concurrency_per_replica: 0'),
    'service.load_balancer.max_concurrency_per_replica',
    /1 to 100000/,
    /1/,
  ],
  [outliers('consecutive_errors: 0'), `${outlierPath}.consecutive_errors`, /1 to 1000/, /1000/],
  [outliers('max_error_ratio: 1.5'), `${outlierPath}.max_error_ratio`, /0 to 1/, /1/],
  [outliers('max_ejected_percent: 51'), `${outlierPath}.max_ejected_percent`, /1 to 50/, /50/],
  [outliers('interval: 5'), `${outlierPath}.interval`, /not a key/, /interval_seconds/],
  [balancer('hedge:'), 'service.load_balancer.hedge', /needs `after_seconds` or/, /percentile: 95/],
  [
    balancer('hedge: {after_seconds: 1, percentile: 95}'),
    'service.load_balancer.hedge.percentile',
    /not both/,
    /Remove/,
  ],
  [balancer('hedge: {percentile: 100}'), 'service.load_balancer.hedge.percentile', /50 to 99.9/, /99.9/],
  [balancer('hedge: {after_seconds: 0}'), 'service.load_balancer.hedge.after_seconds', /0.001 to 300/, /300/],
  [balancer('access_log: {sample: 10}'), 'service.load_balancer.access_log.sample', /0 to 1/, /1/],
  [balancer('outlier_detection: true'), outlierPath, /must be a map/, /indented/],
  [balancer('max_parked_requests: -1'), 'service.load_balancer.max_parked_requests', /0 to 100000/, /0/],
  [
    service('load_balancing_policy: consistent_hash'),
    'service.load_balancing_policy',
    /needs `load_balancer.hash`/,
    /hash: \{by: header, name: X-Session-Id\}/,
  ],
  [balancer('hash: {by: path}'), 'service.load_balancer.hash', /needs .*consistent_hash`/, /remove/],
  [hash('load_factor: 2'), 'service.load_balancer.hash', /needs `by`/, /by: header/],
  [hash('by: body'), 'service.load_balancer.hash.by', /does not know "body"/, /header, cookie, path/],
  [hash('by: cookie'), 'service.load_balancer.hash', /`by: cookie` needs `name`/, /name: session/],
  [
    hash('by: path, name: a'),
    'service.load_balancer.hash.name',
    /for `by: header` and `by: cookie`/,
    /by: path/,
  ],
  [hash('by: header, name: "X Own"'), 'service.load_balancer.hash.name', /letters, digits/, /X-Session-Id/],
  [hash('by: cookie, name: "a=b"'), 'service.load_balancer.hash.name', /cookie’s name/, /session/],
  [
    hash('by: path, prefix_bytes: 9'),
    'service.load_balancer.hash.prefix_bytes',
    /for `by: prompt`/,
    /Remove/,
  ],
  [hash('by: prompt, prefix_bytes: 0'), 'service.load_balancer.hash.prefix_bytes', /1 to 8192/, /8192/],
  [hash('by: path, load_factor: 0.9'), 'service.load_balancer.hash.load_factor', /1 to 100/, /100/],
  [canary('header: {name: X-Canary}'), 'service.update.canary.header', /needs `value`/, /value: "1"/],
  [canary('header: {}'), 'service.update.canary.header', /needs `name` and `value`/, /X-Canary/],
  [
    canary('header: {name: X_Canary, value: "1"}'),
    'service.update.canary.header.name',
    /letters, digits and hyphens/,
    /X-/,
  ],
  [
    canary('header: {name: X-Canary, value: 1}'),
    'service.update.canary.header.value',
    /text, not a number/,
    /quotes/,
  ],
  [canary('header: {name: X-Canary, value: " 1"}'), 'service.update.canary.header.value', /visible/, /"1"/],
  [balancer('parking_timeout_seconds: 0'), 'service.load_balancer.parking_timeout_seconds', /1 to 3600/, /1/],
]

describe('settings that cannot be are refused', () => {
  itRefuses(refused)
})

it('a service without TLS needs no files; with it both are named to the caller, envs filled in', () => {
  expect(parsed(serviceYaml()).tls).toBeUndefined()
  const yaml = serviceYaml({
    top: 'envs: {CERTS: /etc/certs}',
    service: 'readiness_probe: /\ntls: {keyfile: $CERTS/key.pem, certfile: "${CERTS}/cert.pem"}',
  })
  const files = { certFile: '/etc/certs/cert.pem', keyFile: '/etc/certs/key.pem' }
  expect(parsed(yaml).tls).toEqual(files)
  expect(parsed(yaml).spec.service.tls).toEqual(files)
})

it('a key that was pasted instead of its path is not shown', () => {
  const key = '-----BEGIN PRIVATE KEY-----\n      hunter2hunter2'
  const yaml = service(`tls:\n  certfile: c\n  keyfile: |\n      ${key}`)
  expect(() => parsed(yaml)).toThrow(/not its content/)
  expect(() => parsed(yaml)).not.toThrow(/hunter2/)
})
