import { booleans, supported, type KeyTable } from './key-table.ts'
import { examplePem } from './token-keys.ts'

/** The keys of `service.load_balancer.access`. */
export const accessKeys: KeyTable = {
  allow: supported({
    help: 'The client addresses that may ask; the others get 403. X-Forwarded-For is not read.',
    says: 'a list of ranges such as `10.0.0.0/8` or `2001:db8::/32`, or single addresses',
    unlessSaid: 'every address',
    example: 'allow: [10.0.0.0/8, 127.0.0.1]',
  }),
  require_key: supported({
    help: 'Lets only requests in that show a key of the service; see `skykeep key create`.',
    says: 'true or false',
    unlessSaid: 'false',
    example: 'require_key: true',
    values: booleans,
  }),
  tokens: supported({
    help: 'Lets only requests in that show a signed token (JWT), or a key where `require_key` is there too.',
    says: 'see the table of `tokens`',
    unlessSaid: 'no token is looked at',
    example: `tokens:\n  public_keys:\n    - kid: main\n      pem: |\n${examplePem('        ')}\n  issuer: https://id.example.com\n  audience: hello`,
  }),
  forward_key: supported({
    help: 'Leaves the key or the token in the request that a replica gets.',
    says: 'true or false',
    unlessSaid: 'false: the field with it is removed',
    example: 'forward_key: true',
    values: booleans,
  }),
  allow_preflight: supported({
    help: 'Lets CORS preflights in without a key or a token: browsers send none with them.',
    says: 'true or false',
    unlessSaid: 'false',
    example: 'allow_preflight: true',
    values: booleans,
  }),
  requests_per_second: supported({
    help: 'How many requests the whole service takes in the long run; above it they get 429.',
    says: '0.01 to 1000000',
    unlessSaid: 'no limit',
    example: 'requests_per_second: 100',
  }),
  burst: supported({
    help: 'How many requests may come at once after a pause.',
    says: '1 to 1000000',
    unlessSaid: 'as many as `requests_per_second`, at least 1',
    example: 'burst: 200',
  }),
  key_requests_per_second: supported({
    help: 'The same for each key by itself.',
    says: '0.01 to 1000000',
    unlessSaid: 'no limit',
    example: 'key_requests_per_second: 10',
  }),
  key_burst: supported({
    help: 'How many requests with one key may come at once after a pause.',
    says: '1 to 1000000',
    unlessSaid: 'as many as `key_requests_per_second`, at least 1',
    example: 'key_burst: 20',
  }),
}
