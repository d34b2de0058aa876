/**
 * Why the gateway answered in its own name. Of the client: `malformed` (a head or a body that could not be read: 400, 405, 417, 501, 505), `slow_client`
 * (408), `no_service` (404), `address` (403), `key` (401: no key that the service knows, or nothing shown), `token` (401: a signed token that does not
 * hold), `claim` (403: a token that holds and lacks a claim), `forged` (429: a token was not looked at, since too many of its client were forged), `rate` (429 of `access`). Of the service: `line_full` (429: too many wait), `closed`
 * and `no_replica` (503), `replica_lost` and `bad_answer` (502), `silent` (504).
 */
export const refusalKinds = [
  'malformed',
  'slow_client',
  'no_service',
  'address',
  'key',
  'token',
  'claim',
  'forged',
  'rate',
  'line_full',
  'closed',
  'no_replica',
  'replica_lost',
  'bad_answer',
  'silent',
] as const
export type RefusalKind = (typeof refusalKinds)[number]

/** How often each. */
export type RefusalCounts = Record<RefusalKind, number>

export function noRefusals(): RefusalCounts {
  return {
    malformed: 0,
    slow_client: 0,
    no_service: 0,
    address: 0,
    key: 0,
    token: 0,
    claim: 0,
    forged: 0,
    rate: 0,
    line_full: 0,
    closed: 0,
    no_replica: 0,
    replica_lost: 0,
    bad_answer: 0,
    silent: 0,
  }
}

/** Why a request was refused that no rule for access had looked at. Pure. */
export function refusalOf(status: number): RefusalKind {
  switch (status) {
    case 404:
      return 'no_service'
    case 408:
      return 'slow_client'
    default:
      return 'malformed'
  }
}

/**
 * Why a request did not end well: refused, left by its client (or stopped with its connection), or broken off in its answer. `slow_client` here is also one
 * that took nothing of its answer for two minutes.
 */
export type RequestFault = RefusalKind | 'client_left' | 'broken_off'
