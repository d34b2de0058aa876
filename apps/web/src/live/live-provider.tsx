'use client'

import { useQueryClient } from '@tanstack/react-query'
import { createContext, useContext, useEffect, useState, type ReactNode } from 'react'
import type { WatchMessage } from '@skykeep/core/views'
import { leaveForSignIn } from '#src/session/sign-in-reason.ts'
import { problemOf } from '#src/trpc/problem.ts'
import { useTRPC, useTRPCClient } from '#src/trpc/client.ts'
import { concernsOfAll, type Concern } from './concerns.ts'
import { startLiveFeed, type LiveState, type OpenStream, type StreamHandlers } from './live-feed.ts'

const LiveContext = createContext<LiveState>('connecting')

/** Whether what the page shows is kept up to date now. */
export function useLiveState(): LiveState {
  return useContext(LiveContext)
}

// Events come in bursts (a rollout): the first is shown at once, the others together once so long has passed since.
const gatherMs = 150

/** Reads the browser's one stream and makes old, in this tab, exactly the queries that an event concerns. */
export function LiveProvider({ children }: { readonly children: ReactNode }) {
  const [state, setState] = useState<LiveState>('connecting')
  const open = useOpenStream()
  const invalidate = useInvalidate()
  useEffect(() => {
    let waiting: WatchMessage[] = []
    let timer: ReturnType<typeof setTimeout> | undefined
    let flushedAtMs = -Infinity
    const flush = (): void => {
      timer = undefined
      flushedAtMs = performance.now()
      const messages = waiting
      waiting = []
      if (messages.some((message) => message.type === 'relist')) invalidate('everything')
      else invalidate(concernsOfAll(messages.flatMap((m) => (m.type === 'events' ? m.events : []))))
    }
    const stop = startLiveFeed(open, {
      onMessage: (message) => {
        waiting.push(message)
        timer ??= setTimeout(flush, Math.max(0, flushedAtMs + gatherMs - performance.now()))
      },
      onState: (next) => {
        setState(next)
        // What happened between the page's first answers and the stream, or while it was gone.
        if (next === 'live') invalidate('everything')
      },
    })
    return () => {
      clearTimeout(timer)
      stop()
    }
  }, [open, invalidate])
  return <LiveContext value={state}>{children}</LiveContext>
}

function useOpenStream(): OpenStream {
  const client = useTRPCClient()
  const [open] = useState(() => (lastSeq: Parameters<OpenStream>[0], handlers: StreamHandlers) => {
    const subscription = client.watch.events.subscribe(
      { lastEventId: lastSeq === null ? null : String(lastSeq) },
      {
        onData: (tracked) => handlers.onMessage(tracked.data),
        onConnectionStateChange: ({ state, error }) => {
          if (state === 'pending') handlers.onState('live')
          else if (state === 'connecting' && error !== null) handlers.onState('reconnecting')
        },
        onError: (error) => {
          const { code } = problemOf(error)
          if (code === 'UNAUTHENTICATED') leaveForSignIn()
          else handlers.onEnd(code === 'CURSOR_TOO_OLD')
        },
        onComplete: () => handlers.onEnd(false),
      },
    )
    return () => subscription.unsubscribe()
  })
  return open
}

function useInvalidate(): (what: 'everything' | readonly Concern[]) => void {
  const trpc = useTRPC()
  const queryClient = useQueryClient()
  const [invalidate] = useState(() => {
    const filterOf = (concern: Concern) => {
      switch (concern.procedure) {
        case 'services.get':
          return trpc.services.get.queryFilter({ name: concern.name })
        case 'operations.get':
          return trpc.operations.get.queryFilter({ uid: concern.uid })
        case 'services.list':
          return trpc.services.list.pathFilter()
        case 'operations.list':
          return trpc.operations.list.pathFilter()
        case 'events.list':
          return trpc.events.list.pathFilter()
        case 'system.overview':
          return trpc.system.overview.pathFilter()
        case 'system.status':
          // The page of the system asks for more than its status.
          return trpc.system.pathFilter()
        case 'drills.latest':
          return trpc.drills.latest.pathFilter()
        case 'serviceKeys.list':
          return trpc.serviceKeys.list.pathFilter()
        case 'serviceKeys.revokedTokens':
          return trpc.serviceKeys.revokedTokens.pathFilter()
        case 'state.backups':
          return trpc.state.pathFilter()
      }
    }
    return (what: 'everything' | readonly Concern[]): void => {
      // A hidden tab asks nothing; what is old is fetched when it is looked at.
      const refetchType = document.hidden ? 'none' : 'active'
      if (what === 'everything') void queryClient.invalidateQueries({ refetchType })
      else
        for (const concern of what) void queryClient.invalidateQueries({ ...filterOf(concern), refetchType })
    }
  })
  return invalidate
}
