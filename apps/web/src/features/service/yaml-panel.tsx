'use client'

import { useState } from 'react'
import type { VersionView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'

/** The YAML of each version as it was given, secrets blanked. */
export function YamlPanel({
  versions,
  current,
}: {
  readonly versions: readonly VersionView[]
  readonly current: number
}) {
  const [chosen, setChosen] = useState(current)
  const version = versions.find((each) => each.version === chosen) ?? versions[0]
  if (version === undefined) return <p className="text-soft">No version is kept.</p>
  return (
    <Card
      title={`Version ${version.version}`}
      note={
        <>
          <RelativeTime atMs={version.createdAtMs} /> by {version.createdBy}
        </>
      }
      actions={
        <>
          {versions.length < 2 ? null : (
            <SelectField
              label="Version"
              value={String(version.version)}
              onChange={(value) => setChosen(Number(value))}
              choices={versions.map((each) => ({
                value: String(each.version),
                label: `Version ${each.version}`,
              }))}
            />
          )}
          <CopyButton text={version.yaml} label="Copy the YAML" />
        </>
      }
      isFlush
    >
      <pre className="bg-sunken p-4 font-mono leading-6 wrap-anywhere whitespace-pre-wrap">
        {version.yaml}
      </pre>
    </Card>
  )
}
