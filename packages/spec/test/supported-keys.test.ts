import { describe, expect, it } from 'vitest'
import { parsed, problemsOf, serviceYaml } from './parse.ts'
import { itReads, probe, resources, service, type Accepted } from './tables.ts'

const accepted: readonly Accepted[] = [
  ['name', serviceYaml(), (s) => s.name, 'hello'],
  ['name of one letter', serviceYaml({ name: 'name: a\n' }), (s) => s.name, 'a'],
  ['name of 42', serviceYaml({ name: `name: ${'a'.repeat(42)}\n` }), (s) => s.name.length, 42],
  [
    'run as a block',
    serviceYaml().replace('run: node server.js', 'run: |\n  a\n  b'),
    (s) => s.task.run,
    'a\nb\n',
  ],
  ['setup', serviceYaml({ top: 'setup: npm ci' }), (s) => s.task.setup, 'npm ci'],
  ['setup with nothing', serviceYaml({ top: 'setup:' }), (s) => s.task.setup, undefined],
  ['no resources', serviceYaml(), (s) => s.task.resources, { infra: 'local', ports: [] }],
  [
    'empty resources',
    serviceYaml({ top: 'resources:' }),
    (s) => s.task.resources,
    { infra: 'local', ports: [] },
  ],
  ['infra sim', resources('infra: sim'), (s) => s.task.resources.infra, 'sim'],
  ['infra Local', resources('infra: Local'), (s) => s.task.resources.infra, 'local'],
  ['cpus', resources('cpus: 4'), (s) => s.task.resources.cpus, { value: 4, atLeast: false }],
  ['cpus at least', resources('cpus: 4+'), (s) => s.task.resources.cpus, { value: 4, atLeast: true }],
  ['cpus of half', resources('cpus: 0.5'), (s) => s.task.resources.cpus, { value: 0.5, atLeast: false }],
  ['cpus in quotes', resources('cpus: "2+"'), (s) => s.task.resources.cpus, { value: 2, atLeast: true }],
  ['memory', resources('memory: 32'), (s) => s.task.resources.memoryGib, { value: 32, atLeast: false }],
  [
    'memory at least',
    resources('memory: 32+'),
    (s) => s.task.resources.memoryGib,
    { value: 32, atLeast: true },
  ],
  [
    'memory in GB',
    resources('memory: 32GB'),
    (s) => s.task.resources.memoryGib,
    { value: 32, atLeast: false },
  ],
  [
    'memory in gib',
    resources('memory: 32gib+'),
    (s) => s.task.resources.memoryGib,
    { value: 32, atLeast: true },
  ],
  [
    'memory in MB',
    resources('memory: 512MB'),
    (s) => s.task.resources.memoryGib,
    { value: 0.5, atLeast: false },
  ],
  [
    'memory in TB',
    resources('memory: 1 TB'),
    (s) => s.task.resources.memoryGib,
    { value: 1024, atLeast: false },
  ],
  [
    'one port',
    resources('ports: 8080'),
    (s) => [s.task.resources.ports, s.service.replicaPort],
    [[8080], 8080],
  ],
  ['port as text', resources('ports: "8080"'), (s) => s.task.resources.ports, [8080]],
  ['no ports', resources('ports:'), (s) => [s.task.resources.ports, s.service.replicaPort], [[], undefined]],
  ['a list of one port', resources('ports: [8080]'), (s) => s.service.replicaPort, 8080],
  ['the same port twice', resources('ports: [8080, 8080]'), (s) => s.service.replicaPort, 8080],
  [
    'readiness_probe as text',
    serviceYaml(),
    (s) => s.service.readinessProbe,
    {
      path: '/health',
      initialDelaySeconds: 1200,
      timeoutSeconds: 15,
      intervalSeconds: 10,
      failureThresholdSeconds: 180,
      headers: {},
    },
  ],
  ['readiness_probe.path', probe(''), (s) => s.service.readinessProbe.path, '/health'],
  [
    'a path with a query',
    serviceYaml({ service: 'readiness_probe: /v1/m?x=1&y=%20' }),
    (s) => s.service.readinessProbe.path,
    '/v1/m?x=1&y=%20',
  ],
  [
    'initial_delay_seconds',
    probe('initial_delay_seconds: 0'),
    (s) => s.service.readinessProbe.initialDelaySeconds,
    0,
  ],
  ['timeout_seconds', probe('timeout_seconds: 2.5'), (s) => s.service.readinessProbe.timeoutSeconds, 2.5],
  [
    'endpoint_probe_interval_seconds',
    probe('endpoint_probe_interval_seconds: 2'),
    (s) => s.service.readinessProbe.intervalSeconds,
    2,
  ],
  [
    'consecutive_failure_threshold_timeout',
    probe('consecutive_failure_threshold_timeout: 60'),
    (s) => s.service.readinessProbe.failureThresholdSeconds,
    60,
  ],
  [
    'post_data as a map',
    probe('post_data: {model: m, n: 1, deep: [true, null, "x"]}'),
    (s) => s.service.readinessProbe.postBody,
    '{"model":"m","n":1,"deep":[true,null,"x"]}',
  ],
  [
    'post_data with __proto__',
    probe('post_data: {__proto__: {a: 1}}'),
    (s) => s.service.readinessProbe.postBody,
    '{"__proto__":{"a":1}}',
  ],
  [
    'post_data as JSON text',
    probe(`post_data: '{"model": "m"}'`),
    (s) => s.service.readinessProbe.postBody,
    '{"model": "m"}',
  ],
  [
    'headers',
    probe('headers: {Authorization: Bearer abc}'),
    (s) => s.service.readinessProbe.headers,
    { Authorization: 'Bearer abc' },
  ],
  ['replicas unless said', serviceYaml(), (s) => s.service.replicas, 1],
  ['replicas', service('replicas: 3'), (s) => s.service.replicas, 3],
  ['no replicas', service('replicas: 0'), (s) => s.service.replicas, 0],
  ['replica_policy', service('replica_policy: {min_replicas: 2}'), (s) => s.service.replicas, 2],
  [
    'replica_policy with the same maximum',
    service('replica_policy: {min_replicas: 2, max_replicas: 2}'),
    (s) => s.service.replicas,
    2,
  ],
  ['load_balancing_policy unless said', serviceYaml(), (s) => s.service.loadBalancingPolicy, 'least_load'],
  [
    'load_balancing_policy',
    service('load_balancing_policy: round_robin'),
    (s) => s.service.loadBalancingPolicy,
    'round_robin',
  ],
  ['service.ports alone', service('ports: 9000'), (s) => s.service.replicaPort, 9000],
  [
    'service.ports among several',
    serviceYaml({
      top: 'resources: {ports: [8080, "9000-9002"]}',
      service: 'readiness_probe: /\nports: 9001',
    }),
    (s) => [s.task.resources.ports, s.service.replicaPort],
    [[8080, 9000, 9001, 9002], 9001],
  ],
  [
    'several replicas on the port of sim',
    serviceYaml({ top: 'resources: {ports: 8080, infra: sim}', service: 'readiness_probe: /\nreplicas: 3' }),
    (s) => s.service.replicas,
    3,
  ],
  ['stream time-out unless said', serviceYaml(), (s) => s.service.streamTimeoutSeconds, 120],
  [
    'stream_timeout_seconds',
    service('load_balancer: {stream_timeout_seconds: 600}'),
    (s) => s.service.streamTimeoutSeconds,
    600,
  ],
]

describe('what is supported is read', () => {
  itReads(accepted)
})

it('a name from the command line wins over the file’s, and stands in for it', () => {
  expect(parsed(serviceYaml(), { name: 'other' }).spec.name).toBe('other')
  expect(parsed(serviceYaml({ name: '' }), { name: 'other' }).spec.name).toBe('other')
  expect(problemsOf(serviceYaml(), { name: 'No!' })[0]).toMatchObject({ path: 'name', line: 1, column: 1 })
})

it('a service without a probe is probed at /, with a warning', () => {
  const { spec, warnings } = parsed(serviceYaml({ service: 'replicas: 1' }))
  expect(spec.service.readinessProbe.path).toBe('/')
  expect(warnings.map(({ path }) => path)).toEqual(['service.readiness_probe'])
})

it('every problem of a file is reported at its place, in the order of the file', () => {
  const yaml =
    'name: Bad Name\nrun: x\nresources:\n  cpus: zero\nservice:\n  readiness_probe: x y\n  replicas: many\n'
  const places = problemsOf(yaml).map(({ path, line, column }) => [path, line, column])
  expect(places).toEqual([
    ['name', 1, 7],
    ['resources.cpus', 4, 9],
    ['service.readiness_probe', 6, 20],
    ['service.replicas', 7, 13],
  ])
})
