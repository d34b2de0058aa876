'use client'

import { useSyncExternalStore } from 'react'
import { absoluteTime, duration, relativeTime, untilTime } from '#src/format/time.ts'

// One timer for all times on the page; it only repaints, it asks the server nothing.
const stepMs = 1000
const listeners = new Set<() => void>()
let timer: ReturnType<typeof setInterval> | undefined
let nowMs = 0

function subscribe(listener: () => void): () => void {
  listeners.add(listener)
  timer ??= setInterval(() => {
    nowMs = Date.now()
    for (const each of listeners) each()
  }, stepMs)
  return () => {
    listeners.delete(listener)
    if (listeners.size > 0) return
    clearInterval(timer)
    timer = undefined
    nowMs = 0
  }
}

/** The time now, in whole seconds of ms since the epoch; the component repaints as it moves. */
export function useNow(): number {
  return useSyncExternalStore(
    subscribe,
    () => (nowMs === 0 ? (nowMs = Date.now()) : nowMs),
    () => 0,
  )
}

/** `4 min ago`, with the absolute time on hover. */
export function RelativeTime({ atMs }: { readonly atMs: number }) {
  const now = useNow()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={absoluteTime(atMs)} className="whitespace-nowrap">
      {relativeTime(atMs, now)}
    </time>
  )
}

/** `in 3 h 5 min`, with the absolute time on hover; `now` once it is reached. */
export function TimeUntil({ atMs }: { readonly atMs: number }) {
  const now = useNow()
  return (
    <time dateTime={new Date(atMs).toISOString()} title={absoluteTime(atMs)} className="whitespace-nowrap">
      {untilTime(atMs, now)}
    </time>
  )
}

/** How long something took, or has taken so far when `endMs` is null. */
export function Elapsed({ startMs, endMs }: { readonly startMs: number; readonly endMs: number | null }) {
  const now = useNow()
  return <span className="whitespace-nowrap">{duration((endMs ?? Math.max(now, startMs)) - startMs)}</span>
}
