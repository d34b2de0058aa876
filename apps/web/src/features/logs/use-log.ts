'use client'

import { useEffect, useReducer, useSyncExternalStore } from 'react'
import { useTRPCClient } from '@/trpc/client.ts'
import { appended, emptyBuffer, type LogBuffer } from './log-buffer.ts'

const tailBytes = 65_536

export interface ReplicaLog {
  readonly service: string
  readonly replicaId: number
}

export interface FollowedLog {
  readonly buffer: LogBuffer
  readonly error: unknown
}

type Message = Parameters<typeof appended>[1] | { readonly error: unknown }

function take(log: FollowedLog, message: Message): FollowedLog {
  if ('error' in message) return { ...log, error: message.error }
  return { buffer: appended(log.buffer, message), error: null }
}

/**
 * The end of a replica's log, and what comes while `isFollowing` and the tab is seen. Going on starts at the byte where it stopped.
 * The caller gives each replica its own instance (a React key).
 */
export function useLog(target: ReplicaLog, isFollowing: boolean): FollowedLog {
  const client = useTRPCClient()
  const isSeen = useSyncExternalStore(
    subscribeToVisibility,
    () => !document.hidden,
    () => false,
  )
  const [log, dispatch] = useReducer(take, { buffer: emptyBuffer, error: null })
  const { service, replicaId } = target
  const from = log.buffer.nextOffset
  const isWanted = isSeen && !log.buffer.isEnded && (isFollowing || from === null)
  useEffect(() => {
    if (!isWanted) return undefined
    const start = from === null ? { tailBytes } : { offset: from }
    const subscription = client.logs.follow.subscribe(
      { service, replicaId, ...start },
      { onData: (tracked) => dispatch(tracked.data), onError: (error) => dispatch({ error }) },
    )
    return () => subscription.unsubscribe()
    // `from` is where to begin when it starts; the stream itself keeps its place after that.
  }, [client, service, replicaId, isWanted])
  return log
}

function subscribeToVisibility(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
