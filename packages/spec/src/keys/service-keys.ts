import { loadBalancingPolicies } from '@skykeep/core/service-spec'
import { arrivals, later, supported, type KeyTable } from './key-table.ts'

/** The keys of `service`. */
export const serviceKeys: KeyTable = {
  readiness_probe: supported({
    help: 'How it is known that a replica can answer: only ready ones get requests.',
    says: 'a path such as `/health`, or a map: see the table of `readiness_probe`',
    unlessSaid: '/',
    example: 'readiness_probe: /health',
  }),
  replicas: supported({
    help: 'How many replicas run, all the time.',
    says: '0 to 100',
    unlessSaid: '1',
    example: 'replicas: 2',
  }),
  replica_policy: supported({
    help: 'Lets the number of replicas follow the load; stands instead of `replicas`.',
    says: 'see the table of `replica_policy`',
    unlessSaid: 'the number is fixed',
    example: 'replica_policy:\n  min_replicas: 1\n  max_replicas: 5\n  target_in_flight_per_replica: 3',
  }),
  load_balancing_policy: supported({
    help: 'Which replica gets the next request.',
    says: '`least_load`, `round_robin`, `power_of_two_choices`, `consistent_hash` with `load_balancer.hash`, or `instance_aware_least_load` with targets by accelerator',
    unlessSaid: 'least_load',
    example: 'load_balancing_policy: round_robin',
    values: loadBalancingPolicies,
  }),
  ports: supported({
    help: 'Which of `resources.ports` the service forwards to, when there are several.',
    says: 'one of them',
    unlessSaid: 'the only one of `resources.ports`',
    example: 'ports: 8080',
  }),
  load_balancer: supported({
    help: 'Settings of the endpoint: streams, requests a replica, requests that wait, what is hashed.',
    says: 'see the table of `load_balancer`',
    unlessSaid: 'its own defaults',
    example: 'load_balancer:\n  stream_timeout_seconds: 600',
  }),
  tls: supported({
    help: 'Makes the endpoint speak HTTPS.',
    says: 'see the table of `tls`',
    unlessSaid: 'plain HTTP',
    example: 'tls:\n  keyfile: certs/key.pem\n  certfile: certs/cert.pem',
  }),
  schedule: supported({
    help: 'Off-hours in which fewer replicas run, or none.',
    says: 'see the table of `schedule`',
    unlessSaid: 'no off-hours',
    example: 'schedule:\n  time_zone: Europe/Berlin\n  off_hours: [mon-fri 20:00-07:00]',
  }),
  update: supported({
    help: 'How a later version takes over.',
    says: 'see the table of `update`',
    unlessSaid: 'a rolling update',
    example: 'update:\n  mode: canary',
  }),
  pool: later(arrivals.pools),
  workers: later(arrivals.pools),
}

/** The keys of `service.readiness_probe` as a map. */
export const readinessProbeKeys: KeyTable = {
  path: supported({
    help: 'The HTTP path that answers 200 when the replica is ready.',
    says: 'a path that begins with /',
    unlessSaid: null,
    example: 'path: /health',
  }),
  initial_delay_seconds: supported({
    help: 'How long a new replica may take: its failures do not count before.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '1200',
    example: 'initial_delay_seconds: 60',
  }),
  timeout_seconds: supported({
    help: 'How long one probe may take.',
    says: 'seconds: 0.1 to 3600',
    unlessSaid: '15',
    example: 'timeout_seconds: 5',
  }),
  endpoint_probe_interval_seconds: supported({
    help: 'The time between two probes.',
    says: 'seconds: 0.1 to 3600',
    unlessSaid: '10',
    example: 'endpoint_probe_interval_seconds: 2',
  }),
  consecutive_failure_threshold_timeout: supported({
    help: 'How long probes fail before the replica is replaced.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '180',
    example: 'consecutive_failure_threshold_timeout: 60',
  }),
  post_data: supported({
    help: 'Makes the probe a POST with this body: a small question to a model, say.',
    says: 'a map, or JSON text',
    unlessSaid: 'the probe is a GET',
    example: 'post_data: {prompt: hello, max_tokens: 1}',
  }),
  headers: supported({
    help: 'HTTP headers that each probe carries.',
    says: 'a map',
    unlessSaid: 'none',
    example: 'headers: {X-Probe: skykeep}',
  }),
}

/** The keys of `service.tls`. */
export const tlsKeys: KeyTable = {
  keyfile: supported({
    help: 'The private key of the endpoint.',
    says: 'path of a PEM file without a passphrase',
    unlessSaid: null,
    example: 'keyfile: certs/key.pem',
  }),
  certfile: supported({
    help: 'The certificate of the endpoint, with its chain.',
    says: 'path of a PEM file',
    unlessSaid: null,
    example: 'certfile: certs/cert.pem',
  }),
}
