import {
  loadBalancingPolicies,
  type LoadBalancingPolicy,
  type ResourcesSpec,
  type ServingSpec,
} from '@skykeep/core/service-spec'
import type { ProblemList } from './problem.ts'
import { readReadinessProbe } from './readiness-probe.ts'
import { readNumber, readText, shownValue } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import type { Variables } from './substitute.ts'
import { suggest } from './suggest.ts'

const replicaRange = { least: 0, most: 100, isInteger: true }
const defaultStreamTimeoutSeconds = 120

type Fields = ReadonlyMap<string, Field>

/** The `service` section; undefined where it is no map. */
export function readService(
  field: Field,
  task: {
    readonly resources: ResourcesSpec
    readonly portsField: Field | undefined
    readonly variables: Variables
  },
  problems: ProblemList,
): ServingSpec | undefined {
  const map = readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, 'service', problems)
  const probe = fields.get('readiness_probe') ?? defaultProbe(field, problems)
  const replicas = readReplicas(fields, problems)
  const replicaPort = readReplicaPort(fields.get('ports'), task, problems)
  if (replicaPort !== undefined && replicas > 1 && task.resources.infra === 'local') {
    reportSharedPort(fields.get('ports') ?? task.portsField ?? field, { replicaPort, replicas }, problems)
  }
  return {
    readinessProbe: readReadinessProbe(probe, task.variables, problems),
    replicas,
    loadBalancingPolicy: readPolicy(fields.get('load_balancing_policy'), problems),
    streamTimeoutSeconds: readStreamTimeout(fields.get('load_balancer'), problems),
    ...(replicaPort === undefined ? {} : { replicaPort }),
  }
}

/** SkyPilot probes `/` where no probe is given (`service_spec.py`, `from_yaml_config`). */
function defaultProbe(service: Field, problems: ProblemList): Field {
  const span = service.keySpan
  problems.warning({
    path: 'service.readiness_probe',
    span,
    value: 'nothing',
    message: '`service.readiness_probe` is not set: a replica is ready when GET / answers 200',
    hint: 'Write `readiness_probe: /` to say so, or name the path that tells it.',
    shows: 'head',
  })
  const node = { kind: 'scalar', value: '/', source: '/', isPlain: true, span } as const
  return { path: 'service.readiness_probe', keySpan: span, node }
}

function readReplicas(fields: Fields, problems: ProblemList): number {
  const replicas = fields.get('replicas')
  const policy = fields.get('replica_policy')
  if (replicas !== undefined && policy !== undefined) {
    problems.error({
      path: policy.path,
      span: policy.keySpan,
      value: 'both',
      message: '`service.replicas` and `service.replica_policy` exclude each other',
      hint: 'Keep `replicas` for a fixed number and remove `replica_policy`.',
      shows: 'head',
    })
  }
  if (replicas !== undefined) return readNumber(replicas, replicaRange, problems) ?? 1
  return policy === undefined ? 1 : readReplicaPolicy(policy, problems)
}

function readReplicaPolicy(field: Field, problems: ProblemList): number {
  const map = readMap(field, problems)
  if (map === undefined) return 1
  const fields = readSection(map, 'service.replica_policy', problems)
  const least = fields.get('min_replicas')
  const most = fields.get('max_replicas')
  if (least === undefined) {
    problems.error({
      path: field.path,
      span: field.keySpan,
      value: 'no min_replicas',
      message: '`service.replica_policy` needs `min_replicas`',
      hint: 'Write `min_replicas: 2`, or `replicas: 2` instead of the policy.',
      shows: 'head',
    })
    return 1
  }
  const min = readNumber(least, replicaRange, problems) ?? 1
  const max = most === undefined ? min : readNumber(most, replicaRange, problems)
  if (most !== undefined && max !== undefined && max !== min) {
    problems.error({
      path: most.path,
      span: most.node.span,
      value: shownValue(most.node),
      message:
        max < min
          ? '`max_replicas` is below `min_replicas`'
          : '`max_replicas` above `min_replicas` is not supported yet: it arrives with autoscaling',
      hint: 'Write the same number for both, or `replicas` with a fixed number.',
    })
  }
  return min
}

function readPolicy(field: Field | undefined, problems: ProblemList): LoadBalancingPolicy {
  const text = field === undefined ? undefined : readText(field, problems)
  if (field === undefined || text === undefined) return 'least_load'
  const normal = text.toLowerCase()
  const policy = loadBalancingPolicies.find((known) => known === normal)
  if (policy !== undefined) return policy
  const near = suggest(normal, loadBalancingPolicies)
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shownValue(field.node),
    message:
      normal === 'instance_aware_least_load'
        ? '`instance_aware_least_load` is not supported yet: it arrives with autoscaling by accelerator'
        : `\`${field.path}\` does not know this policy`,
    hint: `${near === undefined ? '' : `Did you mean \`${near}\`? `}Allowed: ${loadBalancingPolicies.join(', ')}.`,
  })
  return 'least_load'
}

function readStreamTimeout(field: Field | undefined, problems: ProblemList): number {
  const map = field === undefined ? undefined : readMap(field, problems)
  const timeout =
    map === undefined
      ? undefined
      : readSection(map, 'service.load_balancer', problems).get('stream_timeout_seconds')
  if (timeout === undefined) return defaultStreamTimeoutSeconds
  return (
    readNumber(timeout, { least: 1, most: 86_400, isInteger: false }, problems) ?? defaultStreamTimeoutSeconds
  )
}

/** SkyPilot's rule: exactly one port, or `service.ports` when there are several; none at all here means `$PORT`. */
function readReplicaPort(
  field: Field | undefined,
  task: { readonly resources: ResourcesSpec; readonly portsField: Field | undefined },
  problems: ProblemList,
): number | undefined {
  const { ports } = task.resources
  if (field === undefined) {
    if (ports.length > 1 && task.portsField !== undefined) {
      problems.error({
        path: task.portsField.path,
        span: task.portsField.keySpan,
        value: `${ports.length} ports`,
        message: '`resources.ports` opens several ports, so `service.ports` must say which one is served',
        hint: `Write \`ports: ${ports[0] ?? 8080}\` under \`service\`, or open one port only.`,
        shows: 'head',
      })
    }
    return ports[0]
  }
  const port = readNumber(field, { least: 1, most: 65_535, isInteger: true }, problems)
  if (port === undefined || ports.length === 0 || ports.includes(port)) return port
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shownValue(field.node),
    message: `\`service.ports\` is ${port}, which \`resources.ports\` does not open`,
    hint: `Add ${port} to \`resources.ports\`, or write one of those: ${ports.slice(0, 5).join(', ')}.`,
  })
  return port
}

function reportSharedPort(
  field: Field,
  wish: { replicaPort: number; replicas: number },
  problems: ProblemList,
): void {
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shownValue(field.node),
    message:
      `${wish.replicas} replicas on \`local\` cannot all listen on the fixed port ${wish.replicaPort} of this machine: ` +
      'that needs `local.isolation: netns`, which is not available yet',
    hint: 'Remove the port and let the server listen on $PORT (each replica gets its own), or write `replicas: 1`.',
  })
}
