'use client'

import { useEffect, useReducer, useRef } from 'react'
import { useIsSeen } from '#src/live/use-is-seen.ts'
import { useTRPCClient } from '#src/trpc/client.ts'
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
  const isSeen = useIsSeen()
  const [log, dispatch] = useReducer(take, { buffer: emptyBuffer, error: null })
  const { service, replicaId } = target
  const from = log.buffer.nextOffset
  const isWanted = isSeen && !log.buffer.isEnded && (isFollowing || from === null)
  // Where to begin when the stream starts; it keeps its place itself after that.
  const place = useRef(from)
  useEffect(() => {
    place.current = from
  }, [from])
  useEffect(() => {
    if (!isWanted) return undefined
    const start = place.current === null ? { tailBytes } : { offset: place.current }
    const subscription = client.logs.follow.subscribe(
      { service, replicaId, ...start },
      { onData: (tracked) => dispatch(tracked.data), onError: (error) => dispatch({ error }) },
    )
    return () => subscription.unsubscribe()
  }, [client, service, replicaId, isWanted])
  return log
}
