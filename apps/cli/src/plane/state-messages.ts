import { errorCodes, isSkykeepError, SkykeepError } from '@skykeep/core/errors'

/** What is done with the state of a path before a plane starts. */
export interface StateRequest {
  readonly step: 'bootstrap' | 'raise-fence'
  /** Absolute, prepared. */
  readonly root: string
  readonly databaseUrl: string
  /** Build folder: holds the migrations. */
  readonly build: string
  readonly givenMasterKey: string | undefined
  /** The fencing number to be higher than; 0 for another step. */
  readonly atLeast: number
  /** Who asks: nobody else may see the effect. */
  readonly parentPid: number
}

export type StateAnswer =
  | { readonly type: 'line'; readonly line: string }
  | { readonly type: 'done'; readonly fence: number }
  | { readonly type: 'failed'; readonly error: PlainError }

/** An error as it goes from one process to another. */
export interface PlainError {
  readonly message: string
  /** One of ours, or what the file system or SQLite said. */
  readonly code?: string | undefined
  readonly errcode?: number | undefined
  readonly userMessage?: string | undefined
  readonly hint?: string | undefined
}

export function toPlainError(error: unknown): PlainError {
  if (isSkykeepError(error)) {
    const { code, message, userMessage, hint } = error
    return { code, message, userMessage, hint }
  }
  const { code, errcode } = Object(error) as { readonly code?: unknown; readonly errcode?: unknown }
  return {
    message: error instanceof Error ? error.message : String(error),
    code: typeof code === 'string' ? code : undefined,
    errcode: typeof errcode === 'number' ? errcode : undefined,
  }
}

export function fromPlainError({ message, code, errcode, userMessage, hint }: PlainError): Error {
  const ours = errorCodes.find((known) => known === code)
  if (ours === undefined) return Object.assign(new Error(message), { code, errcode })
  return new SkykeepError(ours, message, {
    ...(userMessage === undefined ? {} : { userMessage }),
    ...(hint === undefined ? {} : { hint }),
  })
}
