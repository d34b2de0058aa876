import { exitCodes } from '../commands/failure.ts'
import { noteOnInterrupt, type GoesOn } from './goes-on.ts'
import { isNoAnswer, Outage } from './outage.ts'
import type { Session } from './session.ts'

/** What a subscription of the API calls. */
interface StreamHandlers<T> {
  readonly onData: (message: { readonly id: string; readonly data: T }) => void
  readonly onError: (error: unknown) => void
  readonly onComplete: () => void
  readonly onConnectionStateChange: (state: { readonly state: string; readonly error: unknown }) => void
}

export interface Followed<T> {
  /** Subscribes; given the number of the last message where the stream was lost. */
  readonly open: (
    from: { readonly lastEventId?: string },
    handlers: StreamHandlers<T>,
  ) => { unsubscribe(): void }
  /** True: nothing more will come. */
  readonly onData: (data: T) => boolean
  readonly goesOn: GoesOn
}

/**
 * Follows a stream to its end, or until Ctrl-C. One that is lost goes on where it was as soon as the control plane answers again. Returns the
 * exit code. Throws what the plane refuses, and UNAVAILABLE where it does not come back.
 */
export async function follow<T>(session: Session, followed: Followed<T>): Promise<number> {
  const takeBack = noteOnInterrupt(session.terminal, followed.goesOn, { stopped: 'stopped following' })
  const outage = new Outage(session)
  try {
    for (let from = {}; ;) {
      const { end, lastEventId } = await followOnce(followed, from, () => outage.end())
      if (end === 'completed') return exitCodes.ok
      if (lastEventId !== undefined) from = { lastEventId }
      await outage.wait()
    }
  } finally {
    takeBack()
  }
}

interface Ended {
  readonly end: 'completed' | 'lost'
  readonly lastEventId: string | undefined
}

async function followOnce<T>(
  { open, onData }: Followed<T>,
  from: { readonly lastEventId?: string },
  onAnswer: () => void,
): Promise<Ended> {
  let lastEventId: string | undefined
  let close = (): void => undefined
  try {
    return await new Promise<Ended>((resolve, reject) => {
      const ends = (end: Ended['end']): void => resolve({ end, lastEventId })
      const fails = (error: unknown): void => {
        if (isNoAnswer(error)) ends('lost')
        else reject(error instanceof Error ? error : new Error(String(error)))
      }
      const subscription = open(from, {
        onData: ({ id, data }) => {
          lastEventId = id
          if (onData(data)) ends('completed')
        },
        onError: fails,
        onComplete: () => ends('completed'),
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'pending') onAnswer()
          else if (state === 'connecting' && error !== null) fails(error)
        },
      })
      close = () => subscription.unsubscribe()
    })
  } finally {
    close()
  }
}
