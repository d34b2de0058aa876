'use client'

import type { ServiceView, VersionView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { UrlChoice } from '#src/components/ui/url-choice.tsx'
import { useUrlFilters } from '#src/navigation/url-filters.ts'
import { useMay } from '#src/session/use-may.ts'
import { RollbackButton } from '../rollouts/rollback-button.tsx'
import { RolloutHistory } from '../rollouts/rollout-history.tsx'
import { VersionCard } from './version-card.tsx'
import { versionWords } from './version-words.ts'

interface Row extends VersionView {
  readonly service: ServiceView
  readonly isChosen: boolean
  readonly mayGo: boolean
}

const columns: readonly Column<Row>[] = [
  {
    id: 'version',
    header: 'Version',
    cell: ({ version, isChosen }) => (
      <UrlChoice filter="version" value={String(version)} isChosen={isChosen}>
        Version {version}
      </UrlChoice>
    ),
  },
  { id: 'state', header: 'State', cell: (row) => versionWords(row.service, row) || null },
  {
    id: 'created',
    header: 'Created',
    cell: ({ createdAtMs, createdBy }) => (
      <>
        <RelativeTime atMs={createdAtMs} /> by {createdBy}
      </>
    ),
  },
  {
    id: 'go',
    header: 'Action',
    isNumber: true,
    cell: ({ service: { name }, version, mayGo }) =>
      mayGo ? <RollbackButton name={name} to={version} label={`Roll back to ${version}`} /> : null,
  },
]

/** Every version, one of them in full with what it changed, and the way back to each. The chosen one is in the URL. */
export function VersionsPanel({ service }: { readonly service: ServiceView }) {
  const url = useUrlFilters()
  const mayWrite = useMay('service:write')
  const { versions, name } = service
  const chosen =
    versions.find(({ version }) => String(version) === url.get('version')) ??
    versions.find(({ version }) => version === service.version) ??
    versions[0]
  if (chosen === undefined) return <p className="text-soft">No version is kept.</p>
  const rows = versions.map((each) => ({
    ...each,
    service,
    isChosen: each.version === chosen.version,
    mayGo: mayWrite && each.version !== service.desiredVersion,
  }))
  // Newest first: the one before the chosen is the first that is lower.
  const before = versions.find(({ version }) => version < chosen.version)
  return (
    <>
      <Card title="Versions" isFlush>
        <DataTable label="Versions" columns={columns} rows={rows} rowKey={({ version }) => String(version)} />
      </Card>
      <VersionCard
        key={chosen.version}
        name={name}
        version={chosen}
        previous={before === undefined ? null : before.version}
      />
      <RolloutHistory rollouts={service.rollouts} />
    </>
  )
}
