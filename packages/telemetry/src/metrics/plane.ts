import type { Declaration, Declarations } from './declaration.ts'
import { workBuckets } from './declaration.ts'

const services = 'living services'

type Units = readonly [unit: Declaration['unit'], bound: string]

/** @param units the unit, and what bounds the labels. */
const gauge = <const L extends readonly string[]>(
  name: Declaration['name'],
  help: string,
  labels: L,
  [unit, bound]: Units,
) => ({ name, type: 'gauge', help, unit, labels, bound, source: 'web' }) as const

/** What web reads from the database and the persistent path when it is scraped. */
export const planeMetrics = {
  up: gauge(
    'skykeep_up',
    '1 where the process answered this scrape, 0 where it did not.',
    ['process'],
    ['none', 'web, worker, gateways'],
  ),
  isActive: gauge(
    'skykeep_plane_active',
    '1 while this plane holds the fence, 0 on a stand-by.',
    [],
    ['none', ''],
  ),
  fence: gauge('skykeep_plane_fence', 'Fencing number of this plane.', [], ['none', '']),
  isDatabaseUp: gauge('skykeep_database_up', '1 when the database answered this scrape.', [], ['none', '']),
  heartbeatAge: gauge(
    'skykeep_worker_heartbeat_age_seconds',
    'Age of the last heartbeat of a worker.',
    [],
    ['seconds', ''],
  ),
  queueDue: gauge(
    'skykeep_reconcile_queue_due',
    'Rows that are due and not held, by kind.',
    ['kind'],
    ['count', 'three kinds of rows'],
  ),
  queueLag: gauge(
    'skykeep_reconcile_queue_lag_seconds',
    'How long the row that waits longest has been due; 0 when none is.',
    ['kind'],
    ['seconds', 'three kinds of rows'],
  ),
  setAside: gauge(
    'skykeep_rows_set_aside',
    'Rows that ended their worker three times and are out of the loop.',
    ['kind'],
    ['count', 'three kinds of rows'],
  ),
  diskFree: gauge(
    'skykeep_disk_free_bytes',
    'Free bytes of the disk under the persistent path.',
    [],
    ['bytes', ''],
  ),
  diskReserve: gauge(
    'skykeep_disk_reserve_bytes',
    'Bytes that the control plane holds in reserve now; 0 once given back.',
    [],
    ['bytes', ''],
  ),
  isDegraded: gauge(
    'skykeep_storage_degraded',
    '1 while writes to the persistent path fail.',
    [],
    ['none', ''],
  ),
  operations: gauge(
    'skykeep_operations_open',
    'Operations that have not ended, by status.',
    ['status'],
    ['count', 'PENDING, RUNNING'],
  ),
  serviceStatus: gauge(
    'skykeep_service_status',
    '1 for the status that the service is in.',
    ['service', 'status'],
    ['none', `${services} times seven statuses`],
  ),
  serviceVersion: gauge(
    'skykeep_service_version',
    'Version that the service aims at.',
    ['service'],
    ['none', services],
  ),
  replicasDesired: gauge(
    'skykeep_service_replicas_desired',
    'Replicas that a person asked for, before load, schedule and pause.',
    ['service'],
    ['count', services],
  ),
  replicasTarget: gauge(
    'skykeep_service_replicas_target',
    'Replicas that the controller aims at now.',
    ['service'],
    ['count', services],
  ),
  replicasReady: gauge(
    'skykeep_service_replicas_ready',
    'Replicas that are ready.',
    ['service'],
    ['count', services],
  ),
  replicasMin: gauge(
    'skykeep_service_replicas_min',
    'Lower bound of the service; equal to the wish where the number is fixed.',
    ['service'],
    ['count', services],
  ),
  replicasMax: gauge(
    'skykeep_service_replicas_max',
    'Upper bound of the service; equal to the wish where the number is fixed.',
    ['service'],
    ['count', services],
  ),
  isPaused: gauge(
    'skykeep_service_paused',
    '1 while the service is paused.',
    ['service'],
    ['none', services],
  ),
  isEndpointBlocked: gauge(
    'skykeep_service_endpoint_blocked',
    '1 while something else holds the port of the service.',
    ['service'],
    ['none', services],
  ),
  isRollingOut: gauge(
    'skykeep_service_rollout_running',
    '1 while a rollout is on its way, by its status.',
    ['service', 'status'],
    ['none', `${services}; PROGRESSING, ROLLING_BACK`],
  ),
  unfinished: gauge(
    'skykeep_service_unfinished_requests',
    'Requests in the lists of unfinished ones that are kept.',
    ['service'],
    ['count', services],
  ),
  controllerAge: gauge(
    'skykeep_service_controller_age_seconds',
    'How long ago a controller last held the row of the service.',
    ['service'],
    ['seconds', services],
  ),
  replicas: gauge(
    'skykeep_replicas',
    'Replicas that have not ended, by status.',
    ['service', 'status'],
    ['count', `${services} times seven statuses`],
  ),
  autoscalerTarget: gauge(
    'skykeep_autoscaler_target_replicas',
    'Replicas that the load asks for, before schedule and pause.',
    ['service'],
    ['count', 'living services that scale'],
  ),
  autoscalerUpTicks: gauge(
    'skykeep_autoscaler_up_ticks',
    'Looks in a row that asked for more: the hysteresis counter upwards.',
    ['service'],
    ['count', 'living services that scale'],
  ),
  autoscalerDownTicks: gauge(
    'skykeep_autoscaler_down_ticks',
    'Looks in a row that asked for less: the hysteresis counter downwards.',
    ['service'],
    ['count', 'living services that scale'],
  ),
  autoscalerTerm: gauge(
    'skykeep_autoscaler_demand',
    'A term of the last change of mind: requestsPerSecond, inFlight, parked, asked, desired.',
    ['service', 'term'],
    ['none', 'living services that scale, times five terms'],
  ),
} as const satisfies Declarations

/** What web counts of its own requests. */
export const webMetrics = {
  requestSeconds: {
    name: 'skykeep_web_request_duration_seconds',
    type: 'histogram',
    help: 'Time of one procedure of the API, by name and code; a stream counts until it is open.',
    unit: 'seconds',
    labels: ['procedure', 'code'],
    bound: 'procedures of the router, an unknown one as `unknown`; the closed set of error codes',
    source: 'web',
    buckets: workBuckets,
  },
  streams: {
    name: 'skykeep_web_streams',
    type: 'gauge',
    help: 'Live streams that are open.',
    unit: 'count',
    labels: ['procedure'],
    bound: 'subscriptions of the router',
    source: 'web',
  },
  logBytes: {
    name: 'skykeep_log_read_bytes_total',
    type: 'counter',
    help: 'Bytes of the logs of replicas that were read for people.',
    unit: 'bytes',
    labels: [],
    bound: '',
    source: 'web',
  },
} as const satisfies Declarations
