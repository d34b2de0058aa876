import { SkykeepError } from '@skykeep/core/errors'
import { isProviderError, type ProviderError } from '@skykeep/provider-contract/errors'
import { noCapacityPrefix } from './outcomes.ts'

/** What follows from an error of a launch. */
export type LaunchVerdict =
  /** The infra refuses for good, or has no room: what was made goes, and another replica is made elsewhere or later. */
  | { readonly type: 'end'; readonly reason: 'NO_CAPACITY' | 'LAUNCH_REFUSED'; readonly message: string }
  /** The same again after this, milliseconds; null: as the engine backs off. */
  | { readonly type: 'retry'; readonly afterMs: number | null; readonly message: string | null }

/** Judges an error by the closed taxonomy; whatever else comes up changes nothing. Pure. */
export function judgeLaunchFailure(error: unknown): LaunchVerdict {
  if (isProviderError(error)) return judgeInfra(error)
  if (!(error instanceof SkykeepError) || error.code === 'STALE_LEASE')
    return { type: 'retry', afterMs: null, message: null }
  const { code, message } = error
  if (code === 'INVALID_INPUT') return { type: 'end', reason: 'LAUNCH_REFUSED', message }
  return { type: 'retry', afterMs: null, message }
}

function judgeInfra(error: ProviderError): LaunchVerdict {
  const { kind, message, retryAfterMs } = error
  switch (kind) {
    case 'capacity':
    case 'quota':
      return { type: 'end', reason: 'NO_CAPACITY', message: `${noCapacityPrefix}${message}` }
    case 'invalid':
      return { type: 'end', reason: 'LAUNCH_REFUSED', message }
    default:
      return { type: 'retry', afterMs: retryAfterMs ?? null, message }
  }
}
