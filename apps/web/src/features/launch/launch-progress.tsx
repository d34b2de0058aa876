'use client'

import { useQuery } from '@tanstack/react-query'
import { CircleCheck, X } from 'lucide-react'
import Link from 'next/link'
import { Button, buttonClasses } from '#src/components/ui/button.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { serviceVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { LogView } from '../logs/log-view.tsx'
import { OperationProgress } from '../operations/operation-progress.tsx'
import { EndpointCell } from '../services/endpoint-cell.tsx'

/** What was asked for, followed until it is done: its steps, the service's status, and the log of its newest replica. */
export function LaunchProgress({ uid, onClose }: { readonly uid: string; readonly onClose: () => void }) {
  const trpc = useTRPC()
  const operation = useQuery(trpc.operations.get.queryOptions({ uid }))
  const name = operation.data?.targetName ?? ''
  const service = useQuery(trpc.services.get.queryOptions({ name }, { enabled: name !== '' }))
  if (operation.data === undefined) {
    return operation.isError ? (
      <ProblemNotice error={operation.error} kept="The operation itself goes on." />
    ) : (
      <div className="skeleton h-40" />
    )
  }
  const isDone = operation.data.status === 'SUCCEEDED'
  const replica = service.data?.replicas[0]
  return (
    <section aria-label={`Launch of ${name}`} className="flex flex-col gap-4">
      <div className="flex flex-wrap items-center gap-x-4 gap-y-2 rounded-lg border border-line bg-surface px-4 py-3">
        <output className="flex items-center gap-2 font-semibold">
          {isDone ? <CircleCheck aria-hidden className="size-5 text-ok" /> : null}
          {isDone ? `${name} is up` : name}
          {service.data === undefined ? null : <StatusBadge visual={serviceVisuals[service.data.status]} />}
        </output>
        {service.data === undefined ? null : <EndpointCell endpoint={service.data.endpoint} />}
        <div className="ml-auto flex items-center gap-2">
          <Link
            href={`/services/${encodeURIComponent(name)}`}
            prefetch={false}
            className={buttonClasses(isDone ? 'solid' : 'outline')}
          >
            Go to the service
          </Link>
          <Button look="quiet" isIcon aria-label="Hide the launch" onClick={onClose}>
            <X aria-hidden />
          </Button>
        </div>
      </div>
      <OperationProgress operation={operation.data} />
      {replica === undefined ? null : <LogView key={replica.uid} service={name} replicaId={replica.id} />}
    </section>
  )
}
