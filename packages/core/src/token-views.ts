/** A token as its owner sees it. Times are ms since the epoch. */
export interface TokenView {
  readonly uid: string
  readonly name: string
  readonly createdAtMs: number
  /** Noted at most once an hour; null: never. */
  readonly lastUsedAtMs: number | null
  /** Null: nobody revoked it. */
  readonly revokedAtMs: number | null
  /** From then on it is refused; null: it holds until it is revoked. */
  readonly expiresAtMs: number | null
}

/** The only answer that holds the token itself. */
export interface CreatedTokenView {
  readonly uid: string
  readonly name: string
  /** Shown once; only its hash is kept. */
  readonly token: string
  readonly createdAtMs: number
  /** From then on it is refused; null: it holds until it is revoked. */
  readonly expiresAtMs: number | null
}
