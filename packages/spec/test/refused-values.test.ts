import { describe, expect, it } from 'vitest'
import { brokenPromises, problemsOf, serviceYaml } from './parse.ts'

const resources = (text: string): string => serviceYaml({ top: `resources:\n  ${text}` })
const service = (text: string): string => serviceYaml({ service: `readiness_probe: /health\n${text}` })
const probe = (text: string): string =>
  serviceYaml({ service: `readiness_probe:\n  path: /health\n  ${text}` })

type Refused = readonly [yaml: string, path: string, says: RegExp, hint: RegExp]

const refused: readonly Refused[] = [
  [serviceYaml({ name: '' }), 'name', /missing/, /command line/],
  [serviceYaml({ name: 'name: Hello World\n' }), 'name', /1 to 42/, /hello-world/],
  [serviceYaml({ name: 'name: 7up\n' }), 'name', /starts with a letter/, /up/],
  [serviceYaml({ name: `name: ${'a'.repeat(43)}\n` }), 'name', /42/, /a/],
  [serviceYaml({ name: 'name: end-\n' }), 'name', /does not end/, /`end`/],
  [serviceYaml({ name: 'name: 12\n' }), 'name', /text, not a number/, /quotes/],
  [serviceYaml({ name: 'name: on\n' }), 'name', /text, not a boolean/, /quotes/],
  [serviceYaml({ name: 'name: [a]\n' }), 'name', /text, not a list/, /after the colon/],
  ['name: a\nservice: {readiness_probe: /}', 'run', /missing/, /run: /],
  ['name: a\nrun: " "\nservice: {readiness_probe: /}', 'run', /empty/, /command/],
  ['name: a\nrun: true\nservice: {readiness_probe: /}', 'run', /not a boolean/, /quotes/],
  ['name: a\nrun: x', 'service', /missing/, /service:/],
  ['name: a\nrun: x\nservice: /', 'service', /must be a map/, /indented/],
  [serviceYaml({ top: 'setup: {a: 1}' }), 'setup', /not a map/, /text/],
  [serviceYaml({ top: 'workdir: {url: "https://x/y", ref: main}' }), 'workdir', /git/, /Clone/],
  [serviceYaml({ top: 'workdir: https://github.com/a/b' }), 'workdir', /local folder/, /workdir: /],
  [serviceYaml({ top: 'workdir: ""' }), 'workdir', /local folder/, /workdir: /],
  [resources('infra: aws/us-east-1'), 'resources.infra', /arrives with the AWS provider/, /local/],
  [resources('infra: k8s/ctx'), 'resources.infra', /Kubernetes provider/, /local/],
  [resources('infra: slurm/c/p'), 'resources.infra', /Slurm/, /local/],
  [resources('infra: ssh/pool'), 'resources.infra', /SSH/, /local/],
  [resources('infra: "*"'), 'resources.infra', /placement/, /local/],
  [resources('infra: azure'), 'resources.infra', /no provider/, /local/],
  [resources('infra: loca'), 'resources.infra', /not an infra/, /Did you mean `local`/],
  [resources('infra: local/zone'), 'resources.infra', /no regions/, /local/],
  [resources('cpus: 0'), 'resources.cpus', /above 0/, /4\+/],
  [resources('cpus: -1'), 'resources.cpus', /above 0/, /4\+/],
  [resources('cpus: 010'), 'resources.cpus', /number of vCPUs/, /4\+/],
  [resources('cpus: 0x10'), 'resources.cpus', /number of vCPUs/, /4\+/],
  [resources('cpus: .inf'), 'resources.cpus', /number of vCPUs/, /4\+/],
  [resources('cpus: 20000'), 'resources.cpus', /10000/, /4\+/],
  [resources('cpus: four'), 'resources.cpus', /number of vCPUs/, /4\+/],
  [resources('cpus: [4]'), 'resources.cpus', /number of vCPUs/, /4\+/],
  [resources('memory: 4x'), 'resources.memory', /multiple/, /32/],
  [resources('memory: 1e3'), 'resources.memory', /GiB/, /32/],
  [resources('memory: 3XB'), 'resources.memory', /GiB/, /512MB/],
  [resources('ports: 0'), 'resources.ports', /1 to 65535/, /8080/],
  [resources('ports: 65536'), 'resources.ports', /1 to 65535/, /8080/],
  [resources('ports: [8080, yes]'), 'resources.ports[1]', /1 to 65535/, /8080/],
  [resources('ports: 9000-8000'), 'resources.ports', /range/, /8080/],
  [resources('ports: 1-65535'), 'resources.ports', /at most 1000/, /narrower/],
  [resources('ports: [8080, 8081]'), 'resources.ports', /`service.ports` must say/, /ports: 8080/],
  [resources('- a'), 'resources', /must be a map/, /indented/],
  [serviceYaml({ service: 'readiness_probe:' }), 'service.readiness_probe', /needs a path/, /path: /],
  [
    serviceYaml({ service: 'readiness_probe: {timeout_seconds: 1}' }),
    'service.readiness_probe',
    /needs a path/,
    /path: /,
  ],
  [
    serviceYaml({ service: 'readiness_probe: health' }),
    'service.readiness_probe',
    /starts with \//,
    /as \/health/,
  ],
  [serviceYaml({ service: 'readiness_probe: /a b' }), 'service.readiness_probe', /without spaces/, /%20/],
  [
    serviceYaml({ service: 'readiness_probe: //evil.example' }),
    'service.readiness_probe',
    /starts with/,
    /one \//,
  ],
  [probe('timeout_seconds: 0'), 'service.readiness_probe.timeout_seconds', /0.1 to 3600/, /0.1/],
  [
    probe('timeout_seconds: "5"'),
    'service.readiness_probe.timeout_seconds',
    /0.1 to 3600/,
    /Remove the quotes/,
  ],
  [probe('timeout_seconds: 015'), 'service.readiness_probe.timeout_seconds', /0.1 to 3600/, /leading zeros/],
  [probe('timeout_seconds: .nan'), 'service.readiness_probe.timeout_seconds', /0.1 to 3600/, /number/],
  [probe('timeout_seconds:'), 'service.readiness_probe.timeout_seconds', /0.1 to 3600/, /after the colon/],
  [probe('initial_delay_seconds: 1e9'), 'service.readiness_probe.initial_delay_seconds', /86400/, /86400/],
  [
    probe('initial_delay_seconds: 2024-01-01'),
    'service.readiness_probe.initial_delay_seconds',
    /86400/,
    /number/,
  ],
  [probe('post_data: "{not json"'), 'service.readiness_probe.post_data', /valid JSON/, /post_data/],
  [probe('post_data: 5'), 'service.readiness_probe.post_data', /valid JSON/, /post_data/],
  [probe('headers: {"a b": c}'), 'service.readiness_probe.headers.a b', /header/, /letters/],
  [probe('headers: {Host: c}'), 'service.readiness_probe.headers.Host', /header/, /other than Host/],
  [probe('headers: {X-A: 1}'), 'service.readiness_probe.headers.X-A', /text, not a number/, /quotes/],
  [probe('headers: {X-A: "a\\nB: c"}'), 'service.readiness_probe.headers.X-A', /one line/, /line breaks/],
  [service('replicas: 101'), 'service.replicas', /0 to 100/, /100/],
  [service('replicas: -1'), 'service.replicas', /0 to 100/, /100/],
  [service('replicas: 1.5'), 'service.replicas', /whole number/, /100/],
  [service('replicas: two'), 'service.replicas', /whole number/, /100/],
  [service('replicas: 1\nreplica_policy: {min_replicas: 1}'), 'service.replica_policy', /exclude/, /Keep/],
  [service('replica_policy: {}'), 'service.replica_policy', /needs `min_replicas`/, /replicas: 2/],
  [
    service('replica_policy: {min_replicas: 1, max_replicas: 3}'),
    'service.replica_policy.max_replicas',
    /arrives with autoscaling/,
    /same number/,
  ],
  [
    service('replica_policy: {min_replicas: 3, max_replicas: 1}'),
    'service.replica_policy.max_replicas',
    /below/,
    /same number/,
  ],
  [
    service('load_balancing_policy: instance_aware_least_load'),
    'service.load_balancing_policy',
    /arrives with/,
    /least_load/,
  ],
  [
    service('load_balancing_policy: round-robin'),
    'service.load_balancing_policy',
    /does not know/,
    /Did you mean `round_robin`/,
  ],
  [
    service('load_balancer: {stream_timeout_seconds: 0}'),
    'service.load_balancer.stream_timeout_seconds',
    /1 to 86400/,
    /86400/,
  ],
  [service('ports: 0'), 'service.ports', /1 to 65535/, /65535/],
  [service('ports: "80"'), 'service.ports', /1 to 65535/, /quotes/],
  [
    serviceYaml({ top: 'resources: {ports: [8080]}', service: 'readiness_probe: /\nports: 81' }),
    'service.ports',
    /does not open/,
    /Add 81/,
  ],
  [
    serviceYaml({ top: 'resources: {ports: 8080}', service: 'readiness_probe: /\nreplicas: 2' }),
    'resources.ports',
    /local.isolation: netns/,
    /\$PORT/,
  ],
  [service('ports: 8080\nreplicas: 2'), 'service.ports', /local.isolation: netns/, /\$PORT/],
]

describe('what is wrong is refused with its key, place and a way out', () => {
  const rows = refused.map(([yaml, path, says, hint]) => [path, says, yaml, hint] as const)
  it.each(rows)('%s: %s', (path, says, yaml, hint) => {
    const problems = problemsOf(yaml)
    expect(problems.flatMap(brokenPromises)).toEqual([])
    const errors = problems.filter(({ severity }) => severity === 'error')
    expect(errors.map((problem) => problem.path)).toEqual([path])
    expect(errors[0]?.message).toMatch(says)
    expect(errors[0]?.hint).toMatch(hint)
  })
})
