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
const storage = 'storage and volumes'
const pools = 'worker pools'
const placement = 'placement over several infras'
const useInfra = 'Write `infra: local` (or `infra: sim`) instead.'
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
  accelerators: supported(
    '`L4`, `L4:2`, a list in order of preference, or a map of those that will do; with `infra: sim`',
  ),
  use_spot: supported('true: capacity that the infra may take back, for less money; with `infra: sim`'),
  cloud: later(clouds, useInfra),
  region: later(clouds, useInfra),
  zone: later(clouds, useInfra),
  accelerator_args: later('the providers that have TPUs'),
  instance_type: later(clouds, 'Say what the task needs with `cpus` and `memory`.'),
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
  load_balancing_policy: supported(
    '`least_load` (the default), `round_robin`, or `instance_aware_least_load` with targets by accelerator',
  ),
  ports: supported('which of `resources.ports` the service forwards to, when there are several'),
  load_balancer: supported('see the table of `load_balancer`'),
  tls: supported('the endpoint speaks HTTPS: see the table of `tls`'),
  schedule: supported('off-hours: see the table of `schedule`'),
  update: supported('how a later version takes over: see the table of `update`'),
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

/** The keys of `service.replica_policy`: SkyPilot's, and two metrics more. */
export const replicaPolicyKeys: KeyTable = {
  min_replicas: supported('how many replicas run at least: 0 to 100; 0 lets the service go to zero'),
  max_replicas: supported('how many at most: `min_replicas` to 100; needed with a metric'),
  target_qps_per_replica: supported(
    'metric: requests per second that a replica takes; or a map by accelerator, such as `{L4: 0.5, "H100:1": 2.5}`',
  ),
  target_in_flight_per_replica: supported(
    'metric: requests that a replica answers at a time; followed in seconds',
  ),
  queue_length_threshold: supported('metric: requests that may wait before there is one replica more'),
  num_overprovision: supported('replicas above what the metric asks for: 0 to 100, 0 unless said'),
  dynamic_ondemand_fallback: supported('true: on-demand replicas stand in for spot ones that are not ready'),
  base_ondemand_fallback_replicas: supported('replicas that always run on demand: 0 to 100, 0 unless said'),
  spot_placer: supported(
    '`dynamic_fallback`: spot replicas are spread over places, away from those that took one back',
  ),
  upscale_delay_seconds: supported(
    'how long more is asked for before there is more: 300 unless said, 0 for requests in flight',
  ),
  downscale_delay_seconds: supported('how long less is asked for before there is less: 1200 unless said'),
}

/** The keys of `service.load_balancer`. */
export const loadBalancerKeys: KeyTable = {
  stream_timeout_seconds: supported('the longest silence of a stream: 1 to 86400, 120 unless said'),
  max_concurrency_per_replica: supported(
    'requests that one replica gets at a time, the rest waits: 1 to 100000, no limit unless said',
  ),
  max_parked_requests: supported(
    'requests that may wait for a replica: 0 to 100000; 100 unless said where they have a reason to, else 0',
  ),
  parking_timeout_seconds: supported('the longest that one waits: 1 to 3600, 120 unless said'),
}

/** The keys of `service.tls`. */
export const tlsKeys: KeyTable = {
  keyfile: supported('path of the private key, PEM, without a passphrase'),
  certfile: supported('path of the certificate with its chain, PEM'),
}

/** The keys of `service.schedule`. */
export const scheduleKeys: KeyTable = {
  time_zone: supported('whose clock is read: an IANA name such as `Europe/Berlin`'),
  off_hours: supported('a list of windows: `mon-fri 20:00-07:00`, or a map: see the table of `off_hours`'),
  replicas: supported('how many replicas run in off-hours: 0 unless said'),
  warm_up_minutes: supported('how long before their end replicas are started: 0 to 120, 10 unless said'),
}

/** The keys of one window of `service.schedule.off_hours`. */
export const offHoursKeys: KeyTable = {
  days: supported('days on which it begins: a list, `mon-fri`, or `daily`, which it is unless said'),
  from: supported('when it begins: `"20:00"`'),
  to: supported('when it ends: `"07:00"`; not after `from`: on the following day'),
}

/** The keys of `service.update`. */
export const updateKeys: KeyTable = {
  mode: supported('`rolling` (the default), `blue_green` or `canary`'),
  max_surge: supported('replicas above the target while a rolling update runs: 1 to 100, 1 unless said'),
  min_ready_seconds: supported(
    'a new replica counts once it is ready for so long: 0 to 86400, 5 unless said',
  ),
  progress_deadline_seconds: supported(
    'without progress for so long the update is rolled back: 1 to 86400, 600 unless said',
  ),
  automatic_rollback: supported('false: an update that fails stays where it is; true unless said'),
  canary: supported('see the table of `canary`'),
}

/** The keys of `service.update.canary`. */
export const canaryKeys: KeyTable = {
  steps: supported('percent of the requests in each step, rising: `[10, 50]` unless said'),
  bake_seconds: supported('how long each step lasts at least: 0 to 86400, 60 unless said'),
  min_requests: supported('requests in a step before it is judged: 0 to 1000000, 20 unless said'),
  max_error_ratio: supported('failed requests above the old version’s share: 0 to 1, 0.01 unless said'),
  max_latency_ratio: supported('p95 latency as a multiple of the old version’s: 1 to 1000, 2 unless said'),
}

/** Every table with the key under which it stands; '' for the top of the file. */
export const keyTables = {
  '': taskKeys,
  resources: resourcesKeys,
  service: serviceKeys,
  'service.readiness_probe': readinessProbeKeys,
  'service.replica_policy': replicaPolicyKeys,
  'service.load_balancer': loadBalancerKeys,
  'service.tls': tlsKeys,
  'service.schedule': scheduleKeys,
  'service.schedule.off_hours': offHoursKeys,
  'service.update': updateKeys,
  'service.update.canary': canaryKeys,
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
