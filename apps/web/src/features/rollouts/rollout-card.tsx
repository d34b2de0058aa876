'use client'

import { CirclePause, CirclePlay } from 'lucide-react'
import { useMutation } from '@tanstack/react-query'
import type { Rollout } from '@skykeep/core/nouns'
import type { ServiceView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { ProgressBar } from '#src/components/ui/progress-bar.tsx'
import { Elapsed } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { useNotify } from '#src/components/ui/toasts.tsx'
import { duration } from '#src/format/time.ts'
import { useMay } from '#src/session/use-may.ts'
import { rolloutVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { problemOf } from '#src/trpc/problem.ts'
import { sentence } from '../scaling/target-text.ts'
import { GateTable } from './gate-table.tsx'
import { RollbackButton } from './rollback-button.tsx'
import { isUnderWay, modeLabels, progressOf, stepText } from './rollout-text.ts'

/** The rollout that is under way: how far it is, what its gate measures, and how to hold it or go back. Nothing without one. */
export function RolloutCard({
  service,
  isBrief,
}: {
  readonly service: ServiceView
  /** True: how far it is, and nothing more. */
  readonly isBrief: boolean
}) {
  const mayWrite = useMay('service:write')
  const rollout = service.rollouts.find(isUnderWay)
  if (rollout === undefined) return null
  const { status, fromVersion, toVersion, isPaused, gate } = rollout
  const canGoBack = status === 'PROGRESSING' && fromVersion > 0
  return (
    <Card
      title={`Rollout of version ${toVersion}`}
      note={<StatusBadge visual={rolloutVisuals[status]} />}
      actions={
        mayWrite ? (
          <>
            {status === 'PROGRESSING' ? <HoldButton name={service.name} isHeld={isPaused} /> : null}
            {canGoBack ? <RollbackButton name={service.name} to={fromVersion} label="Roll back" /> : null}
          </>
        ) : undefined
      }
    >
      <div className="flex flex-col gap-4">
        <Progress service={service} rollout={rollout} />
        {isBrief ? null : <Facts rollout={rollout} />}
        {gate === null || isBrief ? null : <GateTable gate={gate} rollout={rollout} />}
      </div>
    </Card>
  )
}

function Progress({ service, rollout }: { readonly service: ServiceView; readonly rollout: Rollout }) {
  const { ready, wanted } = progressOf(rollout, service)
  const { isPaused, toVersion, statusReason } = rollout
  const label = `${ready} of ${wanted} replicas of version ${toVersion} ready`
  return (
    <div className="flex flex-col gap-3">
      <p className="font-medium">{isPaused ? 'Held where it is by a person.' : `${stepText(rollout)}.`}</p>
      {statusReason === '' ? null : <p className="text-soft">{sentence(statusReason)}</p>}
      <div>
        <p className="mb-1">{label}</p>
        <ProgressBar label={label} value={ready} max={wanted} />
      </div>
    </div>
  )
}

function Facts({
  rollout: { fromVersion, mode, createdAtMs, stalledMs, settings },
}: {
  readonly rollout: Rollout
}) {
  const deadlineMs = settings.progressDeadlineSeconds * 1000
  return (
    <KeyValues
      rows={[
        { key: 'From', value: fromVersion === 0 ? 'Nothing' : `Version ${fromVersion}` },
        { key: 'Mode', value: modeLabels[mode] },
        { key: 'Under way', value: <Elapsed startMs={createdAtMs} endMs={null} /> },
        {
          key: 'Without progress',
          value: `${duration(stalledMs)} of ${duration(deadlineMs)}${settings.isAutomaticRollback ? ', then it is rolled back' : ''}`,
        },
      ]}
    />
  )
}

function HoldButton({ name, isHeld }: { readonly name: string; readonly isHeld: boolean }) {
  const trpc = useTRPC()
  const notify = useNotify()
  const hold = useMutation(
    trpc.services.holdRollout.mutationOptions({
      onSuccess: () =>
        notify({
          tone: 'ok',
          title: isHeld ? 'The rollout goes on' : 'The rollout is held',
          text: isHeld ? 'From where it was.' : 'Nothing moves until it is released; both versions serve.',
        }),
      onError: (error) =>
        notify({ tone: 'bad', title: isHeld ? 'Not released' : 'Not held', text: problemOf(error).what }),
    }),
  )
  return (
    <Button disabled={hold.isPending} onClick={() => hold.mutate({ name, isHeld: !isHeld })}>
      {isHeld ? <CirclePlay aria-hidden /> : <CirclePause aria-hidden />}
      {isHeld ? 'Release' : 'Hold'}
    </Button>
  )
}
