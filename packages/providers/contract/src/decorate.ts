import type { Clock } from '@skykeep/core/clock'
import { isProviderError, ProviderError } from './errors.ts'
import type { Call, Provider } from './provider.ts'

export interface CallMeasure {
  readonly infra: string
  /** Method of the provider, such as `createNode`. */
  readonly method: string
  readonly durationMs: number
  /** Kind of the error that it ended with, or `ok`. */
  readonly outcome: string
}

export interface Decoration {
  readonly clock: Clock
  /** A call that takes longer is called off and ends as `transient`. */
  readonly deadlineMs: number
  /** Runs every call, such as beneath a span. */
  readonly around?: <R>(call: Pick<CallMeasure, 'infra' | 'method'>, work: () => Promise<R>) => Promise<R>
  /** Told of every call that ended. */
  readonly onCall?: (measure: CallMeasure) => void
  /** Waits until the account's budget allows one more call. */
  readonly limit?: () => Promise<void>
}

/** Methods of the core, all of which take a `Call` as their second argument. */
const coreMethods = new Set(['listOffers', 'createNode', 'describeNode', 'deleteNode', 'listNodes', 'runner'])

/**
 * The same provider, capabilities included, with a deadline, a rate limit and measures around every call of the core;
 * an error that is not of the taxonomy leaves as `transient`, its cause kept.
 */
export function decorateProvider<T extends Provider>(provider: T, decoration: Decoration): T {
  return new Proxy(provider, {
    get: (target, property) => {
      const value: unknown = Reflect.get(target, property, target)
      if (typeof value !== 'function') return value
      const method = String(property)
      if (!coreMethods.has(method)) return value.bind(target)
      return (subject: unknown, call?: Call) =>
        measured({ infra: target.infra, method, decoration }, (deadline) => {
          // Whoever called may give up sooner than the deadline does.
          const signal = call?.signal === undefined ? deadline : AbortSignal.any([deadline, call.signal])
          return Promise.resolve(Reflect.apply(value, target, [subject, { ...call, signal }]))
        })
    },
  })
}

interface Measured {
  readonly infra: string
  readonly method: string
  readonly decoration: Decoration
}

async function measured<R>(
  { infra, method, decoration }: Measured,
  effect: (signal: AbortSignal) => Promise<R>,
): Promise<R> {
  const { clock, deadlineMs, onCall } = decoration
  await decoration.limit?.()
  const startedMs = clock.monotonicMs()
  const controller = new AbortController()
  let timer: NodeJS.Timeout | undefined
  const deadline = new Promise<never>((_, reject) => {
    timer = setTimeout(() => {
      controller.abort()
      reject(new ProviderError('transient', `${infra}: ${method} took longer than ${deadlineMs} ms`))
    }, deadlineMs)
  })
  let outcome = 'ok'
  const run = (): Promise<R> => Promise.race([effect(controller.signal), deadline])
  try {
    return await (decoration.around === undefined ? run() : decoration.around({ infra, method }, run))
  } catch (error) {
    const failure = isProviderError(error)
      ? error
      : new ProviderError('transient', `${infra}: ${method} failed unexpectedly`, { cause: error })
    outcome = failure.kind
    throw failure
  } finally {
    clearTimeout(timer)
    onCall?.({ infra, method, durationMs: clock.monotonicMs() - startedMs, outcome })
  }
}
