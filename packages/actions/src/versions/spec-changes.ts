import { isDeepStrictEqual } from 'node:util'
import type { DiffChange } from '@skykeep/core/views'
import { portRuleOf, type VersionContent } from './version-content.ts'

/** Spec fields whose key in a YAML is not the same word in snake case, by their path in the spec. */
const yamlKeys: readonly (readonly [string, string])[] = [
  ['task.resources.memoryGib', 'resources.memory'],
  ['task.resources.isAcceleratorOrdered', 'resources.ordered'],
  ['task.', ''],
  ['service.readinessProbe.initialDelaySeconds', 'service.readiness_probe.initial_delay_seconds'],
  ['service.readinessProbe.intervalSeconds', 'service.readiness_probe.endpoint_probe_interval_seconds'],
  [
    'service.readinessProbe.failureThresholdSeconds',
    'service.readiness_probe.consecutive_failure_threshold_timeout',
  ],
  ['service.readinessProbe.postBody', 'service.readiness_probe.post_data'],
  ['service.scaling.isDynamicOndemandFallback', 'service.replica_policy.dynamic_ondemand_fallback'],
  ['service.scaling.metric', 'service.replica_policy'],
  ['service.scaling.', 'service.replica_policy.'],
  ['service.update.isAutomaticRollback', 'service.update.automatic_rollback'],
  ['service.update.canary.stepPercents', 'service.update.canary.steps'],
  ['service.hash', 'service.load_balancer.hash'],
  ['service.prefersSameZone', 'service.load_balancer.prefer_same_zone'],
  ['service.maxConcurrencyPerReplica', 'service.load_balancer.max_concurrency_per_replica'],
  ['service.maxParkedRequests', 'service.load_balancer.max_parked_requests'],
  ['service.parkingTimeoutSeconds', 'service.load_balancer.parking_timeout_seconds'],
  ['service.streamTimeoutSeconds', 'service.load_balancer.stream_timeout_seconds'],
  ['service.access.', 'service.load_balancer.access.'],
  ['service.hedge.', 'service.load_balancer.hedge.'],
  ['service.accessLog.', 'service.load_balancer.access_log.'],
  ['service.outlierDetection.', 'service.load_balancer.outlier_detection.'],
  ['service.replicaPort', 'service.ports'],
  ['service.tls.certFile', 'service.tls.certfile'],
  ['service.tls.keyFile', 'service.tls.keyfile'],
]

/** Lists and objects that are one thing to a person: shown whole. */
const wholes = new Set([
  'task.resources.cpus',
  'task.resources.memoryGib',
  'service.scaling.metric',
  'service.schedule',
  'service.access.tokens.requiredClaims',
])

/** A change in one of these alone never replaces a replica. */
const settingsOfService = 'service.'
const portOfTask = 'service.replicaPort'

/** What is different between two versions, in the order of the specs. Secrets by name, files by what they hold. */
export async function changesOf(from: VersionContent, to: VersionContent): Promise<readonly DiffChange[]> {
  const before = leavesOf(from.spec)
  const after = leavesOf(to.spec)
  const paths = [...new Set([...before.keys(), ...after.keys()])].filter(
    (path) => !isDeepStrictEqual(before.get(path), after.get(path)),
  )
  const isOtherPort = portRuleOf(from.spec) !== portRuleOf(to.spec)
  const changes = paths.map((path) => ({
    path: yamlPathOf(path),
    before: jsonOf(before.get(path)),
    after: jsonOf(after.get(path)),
    replacesReplicas: !path.startsWith(settingsOfService) || (path === portOfTask && isOtherPort),
  }))
  return [...changes, ...(await secretChanges(from, to)), ...fileChanges(from, to)]
}

function leavesOf({ task, service }: VersionContent['spec']): ReadonlyMap<string, unknown> {
  const { workdir: _workdir, secretNames: _secretNames, ...rest } = task
  const leaves = new Map<string, unknown>()
  collect({ task: rest, service }, '', leaves)
  return leaves
}

function collect(value: object, below: string, leaves: Map<string, unknown>): void {
  for (const [key, inner] of Object.entries(value)) {
    const path = below === '' ? key : `${below}.${key}`
    const isMap = typeof inner === 'object' && inner !== null && !Array.isArray(inner)
    if (isMap && !wholes.has(path)) collect(inner, path, leaves)
    else leaves.set(path, inner)
  }
}

function yamlPathOf(path: string): string {
  // What a person named is shown as it is: variables and headers.
  const own = /^(?:task\.(envs)|service\.readinessProbe\.(headers))\.(.*)$/s.exec(path)
  if (own !== null)
    return own[1] === undefined ? `service.readiness_probe.headers.${own[3]}` : `envs.${own[3]}`
  const [prefix, key] = yamlKeys.find(([known]) => path.startsWith(known)) ?? ['', '']
  return key + snakeCase(path.slice(prefix.length))
}

function snakeCase(text: string): string {
  return text.replaceAll(/[A-Z]/g, (letter) => `_${letter.toLowerCase()}`)
}

function jsonOf(value: unknown): string | null {
  return value === undefined ? null : JSON.stringify(value)
}

async function secretChanges(from: VersionContent, to: VersionContent): Promise<DiffChange[]> {
  const before = from.spec.task.secretNames
  const after = to.spec.task.secretNames
  const both = before.filter((name) => after.includes(name))
  const [old, fresh] = both.length === 0 ? [{}, {}] : await Promise.all([from.secrets(), to.secrets()])
  const change = (name: string, was: string | null, is: string | null): DiffChange => ({
    path: `secrets.${name}`,
    before: was,
    after: is,
    replacesReplicas: true,
  })
  return [
    ...before.filter((name) => !after.includes(name)).map((name) => change(name, '"<secret>"', null)),
    ...after.filter((name) => !before.includes(name)).map((name) => change(name, null, '"<secret>"')),
    ...both
      .filter((name) => old[name] !== fresh[name])
      .map((name) => change(name, '"<secret>"', '"<another secret>"')),
  ]
}

function fileChanges(from: VersionContent, to: VersionContent): DiffChange[] {
  const changes: DiffChange[] = []
  if (from.contentHash !== to.contentHash) {
    const shown = (hash: string): string | null => (hash === '' ? null : `"files ${hash.slice(0, 12)}"`)
    changes.push({
      path: 'workdir',
      before: shown(from.contentHash),
      after: shown(to.contentHash),
      replacesReplicas: true,
    })
  }
  for (const part of ['certificate', 'key'] as const) {
    const [before, after] = [from.tls?.[part], to.tls?.[part]]
    if (before === undefined || after === undefined || before === after) continue
    changes.push({
      path: part === 'key' ? 'service.tls.keyfile' : 'service.tls.certfile',
      before: '"its content"',
      after: '"another content"',
      replacesReplicas: false,
    })
  }
  return changes
}
