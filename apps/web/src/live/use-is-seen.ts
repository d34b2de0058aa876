'use client'

import { useSyncExternalStore } from 'react'

/** Whether the tab is looked at: one that is not asks nothing. */
export function useIsSeen(): boolean {
  return useSyncExternalStore(
    subscribe,
    () => !document.hidden,
    () => false,
  )
}

function subscribe(listener: () => void): () => void {
  document.addEventListener('visibilitychange', listener)
  return () => document.removeEventListener('visibilitychange', listener)
}
