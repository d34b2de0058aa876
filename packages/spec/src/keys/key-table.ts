/** Whether a key of SkyPilot's YAML is read today, and what will bring it where not. */
export type KnownKey = SupportedKey | LaterKey

/** What a person needs to know of one key: the parser's hints, the editor and the reference are all made of it. */
export interface KeyHelp {
  /** One sentence: what the key is for. */
  readonly help: string
  /** What may stand there, with its range. */
  readonly says: string
  /** What holds where the key is absent, as YAML or in words; null: nothing does, or the key must be there. */
  readonly unlessSaid: string | null
  /** The key with a value that is read as it stands, as YAML. */
  readonly example: string
  /** Every value that may stand there, where they are few. */
  readonly values?: readonly string[]
}

export interface SupportedKey extends KeyHelp {
  readonly status: 'supported'
}

export interface LaterKey {
  readonly status: 'later'
  /** What will support it, as a plain phrase: "arrives with …". */
  readonly with: string
  /** What to do today, where that is more than removing the key. */
  readonly hint?: string
}

export type KeyTable = Readonly<Record<string, KnownKey>>

export function supported(about: KeyHelp): SupportedKey {
  return { status: 'supported', ...about }
}

export function later(phrase: string, hint?: string): LaterKey {
  return hint === undefined ? { status: 'later', with: phrase } : { status: 'later', with: phrase, hint }
}

export const booleans: readonly string[] = ['true', 'false']

/** What brings the keys that are not read yet. */
export const arrivals = {
  clouds: 'the AWS and GCP providers',
  managedJobs: 'managed jobs',
  storage: 'storage and volumes',
  pools: 'worker pools',
  placement: 'placement over several infras',
  internal: 'nothing: SkyPilot writes this key for itself',
} as const
