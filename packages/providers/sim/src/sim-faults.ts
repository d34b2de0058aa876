import type { ErrorScope, ProviderErrorKind } from '@skykeep/provider-contract/errors'

export const simMethods = [
  'listOffers',
  'createNode',
  'describeNode',
  'deleteNode',
  'listNodes',
  'runner',
  'startJob',
  'describeJob',
  'stopJob',
  'probe',
] as const
export type SimMethod = (typeof simMethods)[number]

/** A failure that was asked for: the next `times` calls of a method end with it. */
export interface ScriptedFailure {
  readonly method: SimMethod
  readonly kind: ProviderErrorKind
  readonly scope: ErrorScope
  readonly times: number
  /** The call takes effect and only its answer is lost. Absent: false, nothing happens. */
  readonly isReplyLost?: boolean
}

export interface Taken {
  /** What this call ends with, or undefined. */
  readonly failure: ScriptedFailure | undefined
  readonly left: readonly ScriptedFailure[]
}

/** Takes one turn of the first failure that is asked for of this method. Pure. */
export function takeFailure(failures: readonly ScriptedFailure[], method: SimMethod): Taken {
  const index = failures.findIndex((failure) => failure.method === method && failure.times > 0)
  const failure = failures[index]
  if (failure === undefined) return { failure, left: failures }
  const left = failures.with(index, { ...failure, times: failure.times - 1 }).filter(({ times }) => times > 0)
  return { failure, left }
}
