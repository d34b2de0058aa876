import type { TokenAlgorithm } from './service-spec.ts'

/** A key of a service as people see it: never the key, nor its hash. Times are ms since the epoch. */
export interface ServiceKeyView {
  readonly uid: string
  readonly name: string
  /** Its last four characters; empty: made by an older program. */
  readonly ending: string
  readonly createdAtMs: number
  /** Name of the user who made it. */
  readonly createdBy: string
  /** From then on it is refused; null: it holds until it is revoked. */
  readonly expiresAtMs: number | null
  /** Null: nobody revoked it. */
  readonly revokedAtMs: number | null
}

/** The only answer that holds the key itself. */
export interface CreatedServiceKeyView {
  readonly uid: string
  readonly service: string
  readonly name: string
  /** Shown once; only its hash is kept. */
  readonly key: string
  readonly createdAtMs: number
  readonly expiresAtMs: number | null
  /** The version that the service aims at asks for keys (`require_key`). */
  readonly isKeyRequired: boolean
}

export const tokenRevocationKinds = ['token', 'subject'] as const
/** `token`: the one with this `jti`; `subject`: all of this `sub` that were issued until then. */
export type TokenRevocationKind = (typeof tokenRevocationKinds)[number]

/** Signed tokens that a service refuses before they expire. Times are ms since the epoch. */
export interface TokenRevocationView {
  readonly uid: string
  readonly kind: TokenRevocationKind
  readonly value: string
  readonly revokedAtMs: number
  /** Name of the user who did it. */
  readonly revokedBy: string
}

export interface RevokedTokensView extends TokenRevocationView {
  readonly service: string
  /** The version that the service aims at takes signed tokens. */
  readonly areTokensTaken: boolean
}

/** Who may ask a service, and how often, by the version that it aims at. */
export interface ServiceAccessView {
  /** Ranges of client addresses; null: every address. */
  readonly allow: readonly string[] | null
  readonly isKeyRequired: boolean
  /** Replicas see the field that held the key or the token. */
  readonly isCredentialForwarded: boolean
  /** CORS preflights need neither a key nor a token. */
  readonly isPreflightAllowed: boolean
  /** Of the whole service; null: no limit. */
  readonly rate: AccessRate | null
  readonly ratePerKey: AccessRate | null
  /** Null: no signed token is taken. */
  readonly tokens: TokenRulesView | null
}

export interface AccessRate {
  readonly requestsPerSecond: number
  /** Requests at once after a pause. */
  readonly burst: number
}

export interface TokenRulesView {
  /** Which keys sign: their names (null: it has none), never the keys. */
  readonly keys: readonly { readonly kid: string | null; readonly alg: TokenAlgorithm }[]
  readonly issuer: string | null
  readonly audience: string | null
  readonly leewaySeconds: number
  readonly maxLifetimeSeconds: number
  readonly requiredClaims: Readonly<Record<string, string>>
  readonly subjectHeader: string | null
  /** Of each subject; null: no limit. */
  readonly ratePerSubject: AccessRate | null
}
