import type { Declaration, Declarations } from './declaration.ts'

const byService = 'services that the route table names, and those that still have a request'
const byReplica = 'replicas that the route table names; forgotten with them'

/** Upper bounds of the durations of requests, seconds: those of the gateway's counts per second. */
export const requestBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]

const metric = <const T extends Declaration['type'], const L extends readonly string[]>(
  type: T,
  name: Declaration['name'],
  text: {
    readonly help: string
    readonly labels: L
    readonly bound: string
    readonly unit?: Declaration['unit']
  },
) => ({ type, name, unit: 'count', source: 'gateway', ...text }) as const

/** Upper bounds of the time that a connection to a replica takes to open, seconds. */
export const connectBuckets = [0.001, 0.005, 0.025, 0.1, 0.5, 2]

const ofReplica = ['service', 'version', 'replica'] as const

const replicaSeconds = <const N extends Declaration['name']>(
  name: N,
  help: string,
  buckets: readonly number[],
) =>
  ({
    name,
    type: 'histogram',
    help,
    unit: 'seconds',
    labels: ofReplica,
    bound: `${byReplica}, once they had one`,
    source: 'gateway',
    buckets,
  }) as const

/** What a gateway process tells, all of it from counts that it keeps anyway. */
export const gatewayMetrics = {
  requests: metric('counter', 'skykeep_gateway_requests_total', {
    help: 'Requests that ended, by the version that answered (0: none) and class of the status (`none`: no answer was given).',
    labels: ['service', 'version', 'class'],
    bound: `${byService}, versions that answered since the process started, five classes`,
  }),
  failed: metric('counter', 'skykeep_gateway_requests_failed_total', {
    help: 'Requests that the gateway itself could not bring to a good end.',
    labels: ['service', 'version'],
    bound: byService,
  }),
  duration: {
    name: 'skykeep_gateway_request_duration_seconds',
    type: 'histogram',
    help: 'Time from the head of a request to the last byte of its answer.',
    unit: 'seconds',
    labels: ['service', 'version'],
    bound: byService,
    source: 'gateway',
    buckets: requestBuckets,
  },
  firstByte: {
    name: 'skykeep_gateway_first_byte_seconds',
    type: 'histogram',
    help: 'Time from the head of a request to the first byte of its answer.',
    unit: 'seconds',
    labels: ['service'],
    bound: byService,
    source: 'gateway',
    buckets: requestBuckets,
  },
  replicaRequests: metric('counter', 'skykeep_gateway_replica_requests_total', {
    help: 'Requests that ended, by the last replica that they reached and class of the status.',
    labels: [...ofReplica, 'class'],
    bound: `${byReplica}, five classes`,
  }),
  replicaDuration: replicaSeconds(
    'skykeep_gateway_replica_duration_seconds',
    'Time from the head of a request to the last byte of its answer, by the last replica that it reached.',
    requestBuckets,
  ),
  replicaFirstByte: replicaSeconds(
    'skykeep_gateway_replica_first_byte_seconds',
    'Time from the head of a request to the first byte of its answer, by the replica that gave it.',
    requestBuckets,
  ),
  replicaConnect: replicaSeconds(
    'skykeep_gateway_replica_connect_seconds',
    'Time that a connection to the replica took to open.',
    connectBuckets,
  ),
  replicaConnectFailures: metric('counter', 'skykeep_gateway_replica_connect_failures_total', {
    help: 'Connections to the replica that closed before they were open.',
    labels: ofReplica,
    bound: byReplica,
  }),
  replicaRetries: metric('counter', 'skykeep_gateway_replica_retries_total', {
    help: 'Times that a request went on from the replica to another one.',
    labels: ofReplica,
    bound: byReplica,
  }),
  replicaEjections: metric('counter', 'skykeep_gateway_replica_ejections_total', {
    help: 'Times that the replica was taken out of the choice.',
    labels: ofReplica,
    bound: byReplica,
  }),
  replicaBytesRead: metric('counter', 'skykeep_gateway_replica_read_bytes_total', {
    help: 'Bytes from the replica, heads included.',
    labels: ofReplica,
    bound: byReplica,
    unit: 'bytes',
  }),
  replicaBytesWritten: metric('counter', 'skykeep_gateway_replica_written_bytes_total', {
    help: 'Bytes to the replica, heads included.',
    labels: ofReplica,
    bound: byReplica,
    unit: 'bytes',
  }),
  refused: metric('counter', 'skykeep_gateway_refused_total', {
    help: 'Answers in the gateway’s own name, by reason: malformed (400, 405, 417, 501, 505), slow_client (408), no_service (404), address (403), key (401: none that is known), token (401: one that does not hold), claim (403: a token that lacks one), forged (429: a token of a client of whom too many were), rate (429), line_full (429), closed (503), no_replica (503), replica_lost (502), bad_answer (502), silent (504).',
    labels: ['service', 'kind'],
    bound: `${byService}, and none for a port without a service; fifteen reasons`,
  }),
  inFlight: metric('gauge', 'skykeep_gateway_in_flight', {
    help: 'Requests that began and did not end, those that wait included.',
    labels: ['service'],
    bound: byService,
  }),
  parked: metric('gauge', 'skykeep_gateway_parked', {
    help: 'Requests that wait for a replica.',
    labels: ['service'],
    bound: byService,
  }),
  replicaInFlight: metric('gauge', 'skykeep_gateway_replica_in_flight', {
    help: 'Requests at a replica.',
    labels: ofReplica,
    bound: byReplica,
  }),
  ejected: metric('gauge', 'skykeep_gateway_replica_ejected', {
    help: '1 while the replica is out of the choice.',
    labels: ofReplica,
    bound: byReplica,
    unit: 'none',
  }),
  ejections: metric('counter', 'skykeep_gateway_ejections_total', {
    help: 'Times that a replica was taken out of the choice.',
    labels: ['service'],
    bound: byService,
  }),
  retries: metric('counter', 'skykeep_gateway_retries_total', {
    help: 'Times that a request went on to another replica.',
    labels: ['service'],
    bound: byService,
  }),
  retriesRefused: metric('counter', 'skykeep_gateway_retries_refused_total', {
    help: 'Requests that would have gone to another or to a second replica, had the retry budget allowed it.',
    labels: ['service'],
    bound: byService,
  }),
  hedges: metric('counter', 'skykeep_gateway_hedges_total', {
    help: 'Requests that were given to a second replica as well.',
    labels: ['service'],
    bound: byService,
  }),
  hedgesWon: metric('counter', 'skykeep_gateway_hedges_won_total', {
    help: 'Of those the ones that the second replica answered first.',
    labels: ['service'],
    bound: byService,
  }),
  connects: metric('counter', 'skykeep_gateway_upstream_connects_total', {
    help: 'Connections to replicas that were begun; the rest of the requests rode an open one.',
    labels: [],
    bound: '',
  }),
  connectFailures: metric('counter', 'skykeep_gateway_upstream_connect_failures_total', {
    help: 'Connections to replicas that closed before they were open.',
    labels: [],
    bound: '',
  }),
  upstreamBytesRead: metric('counter', 'skykeep_gateway_upstream_read_bytes_total', {
    help: 'Bytes from replicas, heads included.',
    labels: [],
    bound: '',
    unit: 'bytes',
  }),
  upstreamBytesWritten: metric('counter', 'skykeep_gateway_upstream_written_bytes_total', {
    help: 'Bytes to replicas, heads included.',
    labels: [],
    bound: '',
    unit: 'bytes',
  }),
  accessLogDropped: metric('counter', 'skykeep_gateway_access_log_dropped_total', {
    help: 'Lines of the access log that were not written: the disk was slow, or failed.',
    labels: [],
    bound: '',
  }),
  tableVersion: metric('gauge', 'skykeep_gateway_table_version', {
    help: 'Version of the route table in force.',
    labels: [],
    bound: '',
    unit: 'none',
  }),
  blockedPorts: metric('gauge', 'skykeep_gateway_blocked_ports', {
    help: 'Ports that this process could not bind.',
    labels: [],
    bound: '',
  }),
} as const satisfies Declarations
