import { tracked, type TrackedEnvelope } from '@trpc/server'
import { isStillSignedIn } from '@skykeep/actions/auth/is-still-signed-in'
import type { ActionContext } from '@skykeep/actions/context'
import { SkykeepError } from '@skykeep/core/errors'
import { toTrpcError } from './errors.ts'

/** How long a stream may outlive its session, milliseconds. */
const recheckMs = 30_000

export interface LiveStreamSource<T> {
  readonly context: ActionContext
  /** Aborted when the client goes. */
  readonly signal: AbortSignal | undefined
  open(signal: AbortSignal): AsyncIterable<T>
  /** Where a client that comes back goes on. */
  idOf(message: T): string
}

/**
 * A subscription's stream: each message with its id, errors mapped as those of every other procedure (they come too late for its
 * middleware), and ended with UNAUTHENTICATED within half a minute of the session's end.
 */
export async function* liveStream<T>(source: LiveStreamSource<T>): AsyncGenerator<TrackedEnvelope<T>, void> {
  const signedOut = new AbortController()
  const timer = setInterval(() => {
    void isStillSignedIn(source.context).then(
      (isSignedIn) => isSignedIn || signedOut.abort(),
      // A database that does not answer signs nobody out.
      () => undefined,
    )
  }, recheckMs)
  const signals = source.signal === undefined ? [] : [source.signal]
  try {
    const messages = source.open(AbortSignal.any([signedOut.signal, ...signals]))
    for await (const message of messages) yield tracked(source.idOf(message), message)
    if (signedOut.signal.aborted)
      throw new SkykeepError('UNAUTHENTICATED', 'the session ended during a stream')
  } catch (error) {
    throw toTrpcError(error)
  } finally {
    clearInterval(timer)
  }
}
