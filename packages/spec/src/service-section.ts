import type { ResourcesSpec, ServingSpec } from '@skykeep/core/service-spec'
import { readLoadBalancer, readPolicy } from './load-balancer.ts'
import type { ProblemList } from './problem.ts'
import { readReadinessProbe } from './readiness-probe.ts'
import { readReplicas, type WantedReplicas } from './replica-policy.ts'
import { readNumber, shownValue } from './scalars.ts'
import { readSchedule } from './schedule-section.ts'
import { readMap, readSection, type Field } from './section.ts'
import type { Variables } from './substitute.ts'
import { readTls } from './tls-section.ts'
import { readUpdate } from './update-section.ts'

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
  const { replicas, scaling } = readReplicas(fields, task.resources, problems)
  const most = mostReplicas({ replicas, ...(scaling === undefined ? {} : { scaling }) })
  const replicaPort = readReplicaPort(fields.get('ports'), task, problems)
  if (replicaPort !== undefined && most > 1 && task.resources.infra === 'local') {
    reportSharedPort(fields.get('ports') ?? task.portsField ?? field, { replicaPort, most }, problems)
  }
  const balancing = readLoadBalancer(fields.get('load_balancer'), problems)
  const metric = scaling?.metric
  const schedule = readSchedule(fields.get('schedule'), most, problems)
  const update = readUpdate(fields.get('update'), problems)
  const tls = readTls(fields.get('tls'), task.variables, problems)
  return {
    readinessProbe: readReadinessProbe(probe, task.variables, problems),
    replicas,
    ...(scaling === undefined ? {} : { scaling }),
    loadBalancingPolicy: readPolicy({ fields, metric, minReplicas: replicas, balancing }, problems),
    ...balancing,
    ...(replicaPort === undefined ? {} : { replicaPort }),
    ...(schedule === undefined ? {} : { schedule }),
    ...(update === undefined ? {} : { update }),
    ...(tls === undefined ? {} : { tls }),
  }
}

/** What may run at the same time, an update's surge left aside. */
function mostReplicas({ replicas, scaling }: WantedReplicas): number {
  return scaling === undefined ? replicas : scaling.maxReplicas + scaling.numOverprovision
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
  wish: { readonly replicaPort: number; readonly most: number },
  problems: ProblemList,
): void {
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shownValue(field.node),
    message:
      `${wish.most} replicas on \`local\` cannot all listen on the fixed port ${wish.replicaPort} of this machine: ` +
      'that needs `local.isolation: netns`, which is not available yet',
    hint: 'Remove the port and let the server listen on $PORT (each replica gets its own), or write `replicas: 1`.',
  })
}
