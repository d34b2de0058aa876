/** A token as its owner sees it. Times are ms since the epoch. */
export interface TokenView {
  readonly uid: string
  readonly name: string
  readonly createdAtMs: number
  /** Noted at most once an hour; null: never. */
  readonly lastUsedAtMs: number | null
  /** Null: it holds. */
  readonly revokedAtMs: number | null
}

/** The only answer that holds the token itself. */
export interface CreatedTokenView {
  readonly uid: string
  readonly name: string
  /** Shown once; only its hash is kept. */
  readonly token: string
  readonly createdAtMs: number
}
