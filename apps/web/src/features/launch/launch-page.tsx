'use client'

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { PageHeader } from '#src/components/ui/page-header.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { runningYaml } from '../versions/running-yaml.ts'
import { readDraft } from './draft.ts'
import { LaunchScreen } from './launch-screen.tsx'
import { editableYaml } from './open-values.ts'
import { folderOfTemplate, templates } from './templates/templates.ts'
import type { Start } from './use-launch-text.ts'

/** Brings a service up or updates one: `?service=NAME` begins with its YAML, `?template=ID` with a template, else with the draft. */
export function LaunchPage() {
  const url = useUrlFilters()
  const trpc = useTRPC()
  const name = url.get('service')
  const system = useQuery(trpc.system.status.queryOptions())
  const service = useQuery(trpc.services.get.queryOptions({ name: name ?? '' }, { enabled: name !== null }))
  const stored = service.data === undefined ? undefined : runningYaml(service.data)
  const installationId = system.data?.installationId
  const problem = name === null ? system : service
  const isKnown = installationId !== undefined && (name === null || stored !== undefined)
  return (
    <>
      <PageHeader title={name === null ? 'Launch' : `Update ${name}`}>
        A YAML as SkyPilot reads it; what would happen stands beside it before anything does.
      </PageHeader>
      {isKnown ? (
        <LaunchFrom
          key={name ?? ''}
          installationId={installationId}
          service={name}
          stored={stored}
          templateId={url.get('template')}
        />
      ) : problem.isError ? (
        <ProblemNotice
          error={problem.error}
          kept="Drafts are kept in this browser."
          onRetry={() => void problem.refetch()}
        />
      ) : (
        <div className="skeleton h-96" />
      )}
    </>
  )
}

/** What the editor begins with is decided once: what comes later must not take a person's text away. */
function LaunchFrom({
  installationId,
  service,
  stored,
  templateId,
}: Pick<Start, 'installationId' | 'service'> & {
  readonly stored: string | undefined
  readonly templateId: string | null
}) {
  const [start] = useState((): Start => {
    const place = { installationId, service }
    const template = templates.find(({ id }) => id === templateId)
    if (template !== undefined) {
      return { ...place, yaml: template.yaml, fresh: null, folder: folderOfTemplate(template) }
    }
    const fresh = editableYaml(stored ?? '')
    const draft = readDraft(installationId, service)
    const isDraft = draft !== null && draft !== fresh
    return { ...place, yaml: isDraft ? draft : fresh, fresh: isDraft ? fresh : null, folder: null }
  })
  return <LaunchScreen start={start} />
}
