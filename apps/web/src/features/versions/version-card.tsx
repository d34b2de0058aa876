'use client'

import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import type { VersionView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { ProblemNotice } from '#src/components/ui/problem-notice.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { DiffLines } from './diff-lines.tsx'
import { VersionChanges } from './version-changes.tsx'

/** One version: what it changed against the one before it, or its YAML as it was given, secrets blanked. */
export function VersionCard({
  name,
  version: { version, yaml },
  previous,
}: {
  readonly name: string
  readonly version: VersionView
  /** The version before it; null for the first. */
  readonly previous: number | null
}) {
  const [shown, setShown] = useState<'yaml' | 'diff'>(previous === null ? 'yaml' : 'diff')
  return (
    <Card
      title={`Version ${version}`}
      actions={
        <>
          {previous === null ? null : (
            <SelectField
              label="Show"
              value={shown}
              onChange={(value) => setShown(value === 'diff' ? 'diff' : 'yaml')}
              choices={[
                { value: 'diff', label: `Changes since version ${previous}` },
                { value: 'yaml', label: 'Its YAML' },
              ]}
            />
          )}
          <CopyButton text={yaml} label="Copy the YAML" />
        </>
      }
      isFlush
    >
      {previous === null || shown === 'yaml' ? (
        <pre className="bg-sunken p-4 font-mono leading-6 wrap-anywhere whitespace-pre-wrap">{yaml}</pre>
      ) : (
        <Diff name={name} from={previous} to={version} />
      )}
    </Card>
  )
}

function Diff({ name, from, to }: { readonly name: string; readonly from: number; readonly to: number }) {
  const trpc = useTRPC()
  // Versions never change: what was read once holds.
  const diff = useQuery(
    trpc.services.compareVersions.queryOptions({ name, from, to }, { staleTime: Infinity }),
  )
  if (diff.data === undefined) {
    if (!diff.isError) return <div className="skeleton m-4 h-24" />
    return (
      <div className="p-4">
        <ProblemNotice
          error={diff.error}
          kept="Both versions are kept; only their difference could not be read."
          onRetry={() => void diff.refetch()}
        />
      </div>
    )
  }
  if (!diff.data.isDifferent) return <p className="p-4 text-soft">Nothing is different.</p>
  return (
    <>
      <VersionChanges diff={diff.data} />
      <DiffLines text={diff.data.yaml} />
    </>
  )
}
