/** Identity as a parameter, so that tests can name what they create. */
export interface IdSource {
  /** A fresh uid: `<prefix>_` and at least 16 characters of [0-9a-z], unique for ever. */
  uid(prefix: IdPrefix): string
  /** A secret of at least 256 bits, base64url. */
  secret(): string
}

export const idPrefixes = [
  'svc',
  'rep',
  'op',
  'usr',
  'tok',
  'ses',
  'ins',
  'ver',
  'rev',
  'rpt',
  'plane',
  'upl',
  'rol',
  'dec',
  'drl',
  'key',
] as const
export type IdPrefix = (typeof idPrefixes)[number]
