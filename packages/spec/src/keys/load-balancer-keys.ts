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
