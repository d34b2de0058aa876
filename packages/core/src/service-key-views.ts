/** A key of a service as people see it: never the key, nor its hash. Times are ms since the epoch. */
export interface ServiceKeyView {
  readonly uid: string
  readonly name: string
  readonly createdAtMs: number
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
