/** Whether a key of SkyPilot's YAML is read today, and what will bring it where not. */
export type KnownKey = SupportedKey | LaterKey

export interface SupportedKey {
  readonly status: 'supported'
  /** What may stand there, for the README and for hints. */
  readonly says: string
}

export interface LaterKey {
  readonly status: 'later'
  /** What will support it, as a plain phrase: "arrives with …". */
  readonly with: string
  /** What to do today, where that is more than removing the key. */
  readonly hint?: string
}

export type KeyTable = Readonly<Record<string, KnownKey>>

function supported(says: string): SupportedKey {
  return { status: 'supported', says }
}

function later(phrase: string, hint?: string): LaterKey {
  return hint === undefined ? { status: 'later', with: phrase } : { status: 'later', with: phrase, hint }
}

const clouds = 'the AWS and GCP providers'
const managedJobs = 'managed jobs'
const autoscaling = 'autoscaling'
const storage = 'storage and volumes'
const pools = 'worker pools'
const placement = 'placement over several infras'
const useInfra = 'Write `infra: local` (or `infra: sim`) instead.'
const fixedReplicas = 'Use `replicas` with a fixed number for now.'
const internal = 'nothing: SkyPilot writes this key for itself'

/** The keys of SkyPilot's task YAML (`get_task_schema` of sky/utils/schemas.py, 2026). */
export const taskKeys: KeyTable = {
  name: supported('the service’s name: a-z, 0-9 and -, starting with a letter, at most 42 characters'),
  workdir: supported('a local folder; becomes the working folder of setup and run'),
  envs: supported('a map of environment variables; no value (null) means that `--env` must give it'),
  secrets: supported('as envs, stored encrypted; or a list of names whose values `--secret` gives'),
  resources: supported('what the task needs: see the table of `resources`'),
  setup: supported('shell text, run once before `run` on each node'),
  run: supported('shell text that starts the server'),
  service: supported('how the task is served: see the table of `service`'),
  num_nodes: later('clusters of several nodes'),
  managed_secrets: later('secrets kept by the control plane', 'Use `secrets` with `--secret NAME=VALUE`.'),
  file_mounts: later(storage, 'Put the files into the workdir.'),
  file_mounts_mapping: later(internal),
  volumes: later(storage),
  volume_mounts: later(storage),
  config: later('settings by task'),
  pool: later(pools),
  inputs: later(placement),
  outputs: later(placement),
  event_callback: later(managedJobs),
  api_server_access: later('service account tokens for tasks'),
  execution: later(`${managedJobs} (job groups)`),
  primary_tasks: later(`${managedJobs} (job groups)`),
  termination_delay: later(`${managedJobs} (job groups)`),
  _metadata: later(internal),
}

/** The keys of `resources`. */
export const resourcesKeys: KeyTable = {
  infra: supported('`local` (the default) or `sim`'),
  cpus: supported('vCPUs: `4`, or `4+` for at least 4'),
  memory: supported('GiB: `32`, `32+`, or with a unit such as `512MB`'),
  ports: supported(
    'a port, a range such as `8080-8090`, or a list of them; absent: the task listens on $PORT',
  ),
  cloud: later(clouds, useInfra),
  region: later(clouds, useInfra),
  zone: later(clouds, useInfra),
  accelerators: later('the providers that have GPUs'),
  accelerator_args: later('the providers that have TPUs'),
  instance_type: later(clouds, 'Say what the task needs with `cpus` and `memory`.'),
  use_spot: later(clouds),
  job_recovery: later(managedJobs),
  spot_recovery: later(managedJobs),
  disk_size: later(clouds),
  disk_tier: later(clouds),
  ephemeral_storage: later('the Kubernetes provider'),
  local_disk: later(clouds),
  network_tier: later(clouds),
  max_hourly_cost: later(placement),
  image_id: later('container images and the AWS and GCP providers', 'Install what is needed in `setup`.'),
  labels: later(clouds),
  autostop: later('clusters'),
  priority: later(managedJobs),
  priority_class: later('the Kubernetes provider'),
  volumes: later(storage),
  any_of: later(placement, 'Name one infra with `infra`.'),
  ordered: later(placement, 'Name one infra with `infra`.'),
  _docker_login_config: later(internal),
  _is_image_managed: later(internal),
  _requires_fuse: later(internal),
  _cluster_config_overrides: later(internal),
  _no_missing_accel_warnings: later(internal),
}

/** The keys of `service`. */
export const serviceKeys: KeyTable = {
  readiness_probe: supported('a path such as `/health`, or a map: see the table of `readiness_probe`'),
  replicas: supported('how many replicas run: 0 to 100, 1 unless said'),
  replica_policy: supported('instead of `replicas`: see the table of `replica_policy`'),
  load_balancing_policy: supported('`least_load` (the default) or `round_robin`'),
  ports: supported('which of `resources.ports` the service forwards to, when there are several'),
  load_balancer: supported('see the table of `load_balancer`'),
  tls: later('TLS at the gateway', 'Put a TLS proxy in front of the endpoint for now.'),
  pool: later(pools),
  workers: later(pools),
}

/** The keys of `service.readiness_probe` as a map. */
export const readinessProbeKeys: KeyTable = {
  path: supported('the HTTP path that answers 200 when the replica is ready'),
  initial_delay_seconds: supported('failures do not count for so long: 0 to 86400, 1200 unless said'),
  timeout_seconds: supported('for one probe: 0.1 to 3600, 15 unless said'),
  endpoint_probe_interval_seconds: supported('between two probes: 0.1 to 3600, 10 unless said'),
  consecutive_failure_threshold_timeout: supported(
    'seconds of failing after which the replica is replaced: 0 to 86400, 180 unless said',
  ),
  post_data: supported('a map, or JSON text: makes the probe a POST'),
  headers: supported('a map of HTTP headers'),
}

/** The keys of `service.replica_policy`. */
export const replicaPolicyKeys: KeyTable = {
  min_replicas: supported('how many replicas run: 0 to 100'),
  max_replicas: supported('absent, or the same as `min_replicas`'),
  target_qps_per_replica: later(autoscaling, fixedReplicas),
  num_overprovision: later(autoscaling, fixedReplicas),
  dynamic_ondemand_fallback: later(`${clouds} (spot replicas)`, fixedReplicas),
  base_ondemand_fallback_replicas: later(`${clouds} (spot replicas)`, fixedReplicas),
  spot_placer: later(`${clouds} (spot replicas)`, fixedReplicas),
  upscale_delay_seconds: later(autoscaling, fixedReplicas),
  downscale_delay_seconds: later(autoscaling, fixedReplicas),
}

/** The keys of `service.load_balancer`. */
export const loadBalancerKeys: KeyTable = {
  stream_timeout_seconds: supported('the longest silence of a stream: 1 to 86400, 120 unless said'),
}

/** Every table with the key under which it stands; '' for the top of the file. */
export const keyTables = {
  '': taskKeys,
  resources: resourcesKeys,
  service: serviceKeys,
  'service.readiness_probe': readinessProbeKeys,
  'service.replica_policy': replicaPolicyKeys,
  'service.load_balancer': loadBalancerKeys,
} as const satisfies Record<string, KeyTable>
export type TablePath = keyof typeof keyTables

/** The table as Markdown; `README.md` holds this text, checked by a test. */
export function describeKeyTables(): string {
  const supportedRows: string[] = []
  const laterRows: string[] = []
  for (const [path, table] of Object.entries(keyTables)) {
    for (const [key, known] of Object.entries(table)) {
      const name = `\`${path === '' ? key : `${path}.${key}`}\``
      if (known.status === 'supported') supportedRows.push(`| ${name} | ${known.says} |`)
      else laterRows.push(`| ${name} | ${known.with} |`)
    }
  }
  return [
    '| key | what may stand there |',
    '| --- | --- |',
    ...supportedRows,
    '',
    '| refused by name | arrives with |',
    '| --- | --- |',
    ...laterRows,
  ].join('\n')
}
