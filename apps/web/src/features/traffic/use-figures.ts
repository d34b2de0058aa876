'use client'

import { skipToken } from '@tanstack/react-query'
import { useSubscription } from '@trpc/tanstack-react-query'
import type { TrafficFiguresView } from '@skykeep/core/traffic'
import { useIsSeen } from '#src/live/use-is-seen.ts'
import { useTRPC } from '#src/trpc/client.ts'

/** Requests of all services, kept up to date while the tab is seen; undefined before the first answer. */
export function useFigures(): TrafficFiguresView | undefined {
  const trpc = useTRPC()
  const isSeen = useIsSeen()
  const { data } = useSubscription(
    trpc.traffic.followFigures.subscriptionOptions(isSeen ? undefined : skipToken),
  )
  return data?.data
}
