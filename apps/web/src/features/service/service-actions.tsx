'use client'

import type { ServiceView } from '@skykeep/core/views'
import { useMay } from '#src/session/use-may.ts'
import { PauseButton } from './pause-button.tsx'
import { TerminateButton } from './terminate-button.tsx'

/** What may be asked of a whole service; nothing for those who only look, and for one that goes. */
export function ServiceActions({ service: { name, status, isPaused } }: { readonly service: ServiceView }) {
  const mayWrite = useMay('service:write')
  if (!mayWrite || status === 'TERMINATED' || status === 'SHUTTING_DOWN') return null
  return (
    <>
      <PauseButton name={name} isPaused={isPaused} />
      <TerminateButton name={name} />
    </>
  )
}
