'use client'

import { FilePenLine } from 'lucide-react'
import Link from 'next/link'
import { earlierVersion } from '@skykeep/actions/services/earlier-version'
import type { ServiceView } from '@skykeep/core/views'
import { buttonClasses } from '#src/components/ui/button.tsx'
import { useMay } from '#src/session/use-may.ts'
import { RollbackButton } from '../rollouts/rollback-button.tsx'
import { isUnderWay } from '../rollouts/rollout-text.ts'
import { PauseButton } from './pause-button.tsx'
import { TerminateButton } from './terminate-button.tsx'

/** What may be asked of a whole service; nothing for those who only look, and for one that goes. */
export function ServiceActions({ service }: { readonly service: ServiceView }) {
  const mayWrite = useMay('service:write')
  const { name, status, isPaused, versions, rollouts } = service
  if (!mayWrite || status === 'TERMINATED' || status === 'SHUTTING_DOWN') return null
  // One that is under way has its own way back.
  const back = rollouts.some(isUnderWay) ? undefined : earlierVersion({ service, versions, rollouts })
  return (
    <>
      <Link
        href={`/launch?service=${encodeURIComponent(name)}`}
        prefetch={false}
        className={buttonClasses('outline')}
      >
        <FilePenLine aria-hidden />
        Update
      </Link>
      {back === undefined ? null : <RollbackButton name={name} to={back.version} label="Roll back" />}
      <PauseButton name={name} isPaused={isPaused} />
      <TerminateButton name={name} />
    </>
  )
}
