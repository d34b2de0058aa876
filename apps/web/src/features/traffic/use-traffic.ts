'use client'

import { skipToken } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import type { TrafficGroup, TrafficRange, TrafficView } from '@skykeep/core/traffic'
import { useIsSeen } from '#src/live/use-is-seen.ts'
import { useTRPC } from '#src/trpc/client.ts'

export interface FollowedTraffic {
  /** Undefined before the first answer. */
  readonly view: TrafficView | undefined
  readonly error: unknown
}

/** A service's requests, kept up to date while the tab is seen. */
export function useTraffic(name: string, range: TrafficRange, by: TrafficGroup): FollowedTraffic {
  const trpc = useTRPC()
  const isSeen = useIsSeen()
  const { data, error } = useSubscription(
    trpc.traffic.follow.subscriptionOptions(isSeen ? { name, range, by } : skipToken),
  )
  return { view: data?.data, error }
}
