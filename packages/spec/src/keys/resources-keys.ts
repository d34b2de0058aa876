import { infraNames } from '@skykeep/core/service-spec'
import { arrivals, booleans, later, supported, type KeyTable } from './key-table.ts'

const { clouds, internal, managedJobs, placement, storage } = arrivals
const useInfra = 'Write `infra: local` (or `infra: sim`) instead.'

/** The keys of `resources`. */
export const resourcesKeys: KeyTable = {
  infra: supported({
    help: 'Where the replicas run: on this machine, or in the simulated cloud.',
    says: '`local` or `sim`',
    unlessSaid: 'local',
    example: 'infra: local',
    values: infraNames,
  }),
  cpus: supported({
    help: 'How many vCPUs a replica needs.',
    says: '`4`, or `4+` for at least 4',
    unlessSaid: 'no wish',
    example: 'cpus: 4+',
  }),
  memory: supported({
    help: 'How much memory a replica needs.',
    says: 'GiB: `32`, `32+`, or with a unit such as `512MB`',
    unlessSaid: 'no wish',
    example: 'memory: 16+',
  }),
  ports: supported({
    help: 'The fixed ports that the server itself listens on.',
    says: 'a port, a range such as `8080-8090`, or a list of them',
    unlessSaid: 'the task listens on `$PORT`, which is free on its node',
    example: 'ports: 8080',
  }),
  accelerators: supported({
    help: 'The GPU that a replica needs, and how many of it.',
    says: '`L4`, `L4:2`, a list in order of preference, or a map of those that will do; with `infra: sim`',
    unlessSaid: 'none',
    example: 'accelerators: L4:1',
  }),
  use_spot: supported({
    help: 'Takes capacity that the infra may take back at any time, for less money.',
    says: 'true or false; with `infra: sim`',
    unlessSaid: 'false',
    example: 'use_spot: true',
    values: booleans,
  }),
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
