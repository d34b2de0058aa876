import { hashSources } from '@skykeep/core/service-spec'
import { supported, type KeyTable } from './key-table.ts'

/** The keys of `service.load_balancer`. */
export const loadBalancerKeys: KeyTable = {
  stream_timeout_seconds: supported({
    help: 'The longest silence of an answer before it is ended.',
    says: 'seconds: 1 to 86400',
    unlessSaid: '120',
    example: 'stream_timeout_seconds: 600',
  }),
  max_concurrency_per_replica: supported({
    help: 'How many requests one replica gets at a time; the others wait for their turn.',
    says: '1 to 100000',
    unlessSaid: 'no limit',
    example: 'max_concurrency_per_replica: 4',
  }),
  max_parked_requests: supported({
    help: 'How many requests may wait for a replica before the next is refused.',
    says: '0 to 100000',
    unlessSaid: '100 where requests have a reason to wait, else 0',
    example: 'max_parked_requests: 200',
  }),
  parking_timeout_seconds: supported({
    help: 'How long one request may wait for a replica.',
    says: 'seconds: 1 to 3600',
    unlessSaid: '120',
    example: 'parking_timeout_seconds: 30',
  }),
  prefer_same_zone: supported({
    help: 'Requests go to replicas in the zone of the gateway (`gateway.zone` of config.yaml), until those carry a quarter more than the mean.',
    says: 'true or false',
    unlessSaid: 'false',
    example: 'prefer_same_zone: true',
  }),
  access: supported({
    help: 'Who may ask the endpoint, and how often.',
    says: 'see the table of `access`',
    unlessSaid: 'everybody, without limit',
    example: 'access:\n  require_key: true',
  }),
  outlier_detection: supported({
    help: 'Takes replicas that answer 5xx, where the others do not, out of the choice for a while.',
    says: 'see the table of `outlier_detection`; `{}` is all its defaults',
    unlessSaid: 'what replicas answer takes none of them out',
    example: 'outlier_detection:\n  consecutive_errors: 10',
  }),
  hedge: supported({
    help: 'Gives a request that may be repeated to a second replica as well, when the first is slow to answer.',
    says: 'see the table of `hedge`',
    unlessSaid: 'no request is given to two',
    example: 'hedge:\n  percentile: 95',
  }),
  access_log: supported({
    help: 'Writes a line for a part of the requests, as JSON.',
    says: 'see the table of `access_log`; `{}` is every request',
    unlessSaid: 'no request is logged',
    example: 'access_log:\n  sample: 0.1',
  }),
  hash: supported({
    help: 'What of a request decides which replica it belongs to, with `load_balancing_policy: consistent_hash`.',
    says: 'see the table of `hash`',
    unlessSaid: null,
    example: 'hash:\n  by: header\n  name: X-Session-Id',
  }),
}

/** The keys of `service.load_balancer.hash`. */
export const hashKeys: KeyTable = {
  by: supported({
    help: 'What is hashed: requests with the same go to the same replica; those without it to the least loaded.',
    says: '`header` or `cookie` with its `name`, `path` (without the query), `client_address`, or `prompt`: the beginning of `prompt`, or of the contents of `messages`, in a JSON body',
    unlessSaid: null,
    example: 'by: path',
    values: hashSources,
  }),
  name: supported({
    help: 'The name of the header or the cookie.',
    says: 'letters, digits and hyphens; for a cookie any token',
    unlessSaid: null,
    example: 'name: X-Session-Id',
  }),
  prefix_bytes: supported({
    help: 'How much of a prompt counts: as much as many prompts have in common, such as a system prompt.',
    says: 'bytes: 1 to 8192',
    unlessSaid: '256',
    example: 'prefix_bytes: 1024',
  }),
  load_factor: supported({
    help: 'How much a replica may have in flight, as a multiple of the mean; what would be above goes to another one.',
    says: '1 to 100',
    unlessSaid: '1.25',
    example: 'load_factor: 1.5',
  }),
}

/** The keys of `service.load_balancer.outlier_detection`. */
export const outlierKeys: KeyTable = {
  consecutive_errors: supported({
    help: 'How many 5xx answers in a row take a replica out.',
    says: '1 to 1000',
    unlessSaid: '5',
    example: 'consecutive_errors: 10',
  }),
  max_error_ratio: supported({
    help: 'The highest share of 5xx answers in an interval above that of the other replicas together.',
    says: '0 to 1',
    unlessSaid: '0.3',
    example: 'max_error_ratio: 0.1',
  }),
  min_requests: supported({
    help: 'How many answers a replica, and the others together, must have given in an interval before that share counts.',
    says: '1 to 100000',
    unlessSaid: '20',
    example: 'min_requests: 100',
  }),
  interval_seconds: supported({
    help: 'How long one interval is.',
    says: 'seconds: 1 to 3600',
    unlessSaid: '10',
    example: 'interval_seconds: 30',
  }),
  ejection_seconds: supported({
    help: 'How long a replica is out the first time; the next times two, three, up to ten times as long.',
    says: 'seconds: 1 to 3600',
    unlessSaid: '30',
    example: 'ejection_seconds: 60',
  }),
  max_ejected_percent: supported({
    help: 'The highest share of the replicas that may be out at once: always one of two or more, never the last.',
    says: '1 to 50',
    unlessSaid: '20',
    example: 'max_ejected_percent: 50',
  }),
}

/** The keys of `service.load_balancer.access_log`. */
export const accessLogKeys: KeyTable = {
  sample: supported({
    help: 'Which part of the requests gets a line, at random.',
    says: '0 to 1',
    unlessSaid: '1',
    example: 'sample: 0.01',
  }),
}

/** The keys of `service.load_balancer.hedge`. */
export const hedgeKeys: KeyTable = {
  after_seconds: supported({
    help: 'How long the first byte of an answer is waited for before a second replica is asked.',
    says: 'seconds: 0.001 to 300',
    unlessSaid: null,
    example: 'after_seconds: 0.5',
  }),
  percentile: supported({
    help: 'The same as a percentile of the recent times to the first byte.',
    says: '50 to 99.9',
    unlessSaid: null,
    example: 'percentile: 95',
  }),
}
