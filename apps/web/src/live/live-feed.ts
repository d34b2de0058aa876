import type { WatchMessage } from '@skykeep/core/views'

export type LiveState = 'connecting' | 'live' | 'reconnecting'

export interface StreamHandlers {
  readonly onMessage: (message: WatchMessage) => void
  readonly onState: (state: LiveState) => void
  /** The stream ended and does not come back by itself; with true, its cursor is no longer good. */
  readonly onEnd: (isCursorTooOld: boolean) => void
}

/** Opens the stream after event number `lastSeq` (null: from now on); returns how to close it. */
export type OpenStream = (lastSeq: number | null, handlers: StreamHandlers) => () => void

type Told =
  | { readonly kind: 'hello' }
  | { readonly kind: 'state'; readonly state: LiveState; readonly lastSeq: number | null }
  | { readonly kind: 'message'; readonly message: WatchMessage }

const reopenAfterMs = 2000

/**
 * One stream a browser: the tab that holds the lock reads it and tells the others. When that tab goes, the next one goes on from the
 * last number that any of them heard of. Returns how to stop.
 */
export function startLiveFeed(
  open: OpenStream,
  listener: Pick<StreamHandlers, 'onMessage' | 'onState'>,
): () => void {
  const stopped = new AbortController()
  const channel = new BroadcastChannel('skykeep-live')
  // Browsers give locks to secure origins only: over plain HTTP from another machine each tab reads a stream of its own.
  const isShared = 'locks' in navigator
  const tell = (told: Told): void => (isShared ? channel.postMessage(told) : undefined)
  let state: LiveState = 'connecting'
  let lastSeq: number | null = null
  let isLeader = false

  const hear = (message: WatchMessage): void => {
    lastSeq = message.seq
    listener.onMessage(message)
  }
  const enter = (next: LiveState): void => {
    state = next
    listener.onState(next)
  }
  channel.addEventListener('message', ({ data: told }: MessageEvent<Told>): void => {
    if (told.kind === 'hello') {
      if (isLeader) tell({ kind: 'state', state, lastSeq })
    } else if (told.kind === 'state') {
      lastSeq = told.lastSeq ?? lastSeq
      enter(told.state)
    } else {
      hear(told.message)
    }
  })

  const lead = (): Promise<void> => {
    isLeader = true
    return keepOpen(open, stopped.signal, {
      lastSeq: () => lastSeq,
      forget: () => (lastSeq = null),
      onMessage: (message) => {
        hear(message)
        tell({ kind: 'message', message })
      },
      onState: (next) => {
        enter(next)
        tell({ kind: 'state', state: next, lastSeq })
      },
    })
  }
  tell({ kind: 'hello' })
  // Rejects only when it is stopped while it waits.
  if (isShared)
    navigator.locks.request('skykeep-live', { signal: stopped.signal }, lead).catch(() => undefined)
  else void lead()
  return () => {
    stopped.abort()
    channel.close()
  }
}

interface Leader extends Pick<StreamHandlers, 'onMessage' | 'onState'> {
  readonly lastSeq: () => number | null
  readonly forget: () => void
}

/** Keeps one stream open until `signal`; opens it again when it ends. */
function keepOpen(open: OpenStream, signal: AbortSignal, leader: Leader): Promise<void> {
  return new Promise((resolve) => {
    let close = (): void => undefined
    let timer: ReturnType<typeof setTimeout> | undefined
    const start = (): void => {
      close = open(leader.lastSeq(), {
        onMessage: leader.onMessage,
        onState: leader.onState,
        onEnd: (isCursorTooOld) => {
          close()
          if (isCursorTooOld) leader.forget()
          leader.onState('reconnecting')
          timer = setTimeout(start, isCursorTooOld ? 0 : reopenAfterMs)
        },
      })
    }
    signal.addEventListener('abort', () => {
      clearTimeout(timer)
      close()
      resolve()
    })
    start()
  })
}
