'use client'

import { useLiveState } from '#src/live/live-provider.tsx'
import type { LiveState } from '#src/live/live-feed.ts'
import { cn } from '../ui/class-names.ts'

const shown: Readonly<
  Record<LiveState, { readonly label: string; readonly dot: string; readonly meaning: string }>
> = {
  connecting: { label: 'Connecting', dot: 'border-soft', meaning: 'The live stream is being opened.' },
  live: { label: 'Live', dot: 'border-ok bg-ok', meaning: 'What you see is kept up to date.' },
  reconnecting: {
    label: 'Reconnecting',
    dot: 'border-warn bg-transparent',
    meaning: 'The live stream is gone, so what you see may be old. It comes back by itself.',
  },
}

/** Says whether the page is kept up to date now. */
export function LiveIndicator() {
  const state = shown[useLiveState()]
  return (
    <output title={state.meaning} className="flex items-center gap-1.5 px-1 text-soft">
      <span aria-hidden className={cn('size-2 rounded-full border-[1.5px]', state.dot)} />
      <span className={cn(state.label === 'Reconnecting' && 'font-medium text-warn')}>{state.label}</span>
    </output>
  )
}
