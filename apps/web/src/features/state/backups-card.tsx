'use client'

import { useQuery } from '@tanstack/react-query'
import { Archive, CircleAlert, LoaderCircle } from 'lucide-react'
import type { BackupsView, StateFailureView, StateWorkKind } from '@skykeep/core/state-views'
import { DataTable } from '#src/components/ui/data-table.tsx'
import { EmptyState } from '#src/components/ui/empty-state.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { useMay } from '#src/session/use-may.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { backupColumns } from './backup-columns.tsx'
import { MakeBackupButton } from './make-backup-button.tsx'
import { QueryCard } from './query-card.tsx'

const workTexts: Readonly<Record<StateWorkKind, { readonly under: string; readonly failed: string }>> = {
  backup: { under: 'A backup is being made', failed: 'The last backup failed' },
  verify: { under: 'A backup is being verified', failed: 'The last check of a backup failed' },
}

/** The backups of this path: how old, how large, proven or not; what is under way; and the way to make and prove one. */
export function BackupsCard() {
  const trpc = useTRPC()
  const backups = useQuery(trpc.state.backups.queryOptions())
  const mayWrite = useMay('state:write')
  return (
    <QueryCard
      title="Backups"
      query={backups}
      kept="Backups stay where they are."
      note={backups.data === undefined ? undefined : `the newest ${backups.data.kept} stay`}
      actions={mayWrite ? <MakeBackupButton work={backups.data?.work ?? []} /> : undefined}
    >
      {(data) => <Backups backups={data} mayWrite={mayWrite} />}
    </QueryCard>
  )
}

function Backups({ backups, mayWrite }: { readonly backups: BackupsView; readonly mayWrite: boolean }) {
  const { folder, items, work, failures } = backups
  const isVerifying = work.some(({ kind }) => kind === 'verify')
  const rows = items.map((backup) => ({ ...backup, mayVerify: mayWrite, isVerifying }))
  return (
    <>
      <output className="block">
        {work.map(({ kind, pid }) => (
          <span key={pid} className="flex items-center gap-2.5 border-b border-line px-4 py-2.5">
            <LoaderCircle aria-hidden className="size-4 text-busy motion-safe:animate-spin" />
            <span>
              {workTexts[kind].under} <span className="text-soft">(process {pid})</span>
            </span>
          </span>
        ))}
      </output>
      {failures.map((failure) => (
        <Failure key={failure.kind} failure={failure} />
      ))}
      {items.length === 0 ? (
        <EmptyState icon={Archive} title="No backup yet" command="npx skykeep state backup">
          {mayWrite
            ? 'Make one here, or in a terminal; best each night, and to another disk:'
            : 'An admin makes one here, or in a terminal:'}
        </EmptyState>
      ) : (
        <>
          <DataTable label="Backups" columns={backupColumns} rows={rows} rowKey={({ name }) => name} />
          <p className="border-t border-line px-4 py-2 wrap-anywhere text-soft">
            In <span className="font-mono">{folder}</span>. The master key is in none of them: keep it apart.
          </p>
        </>
      )}
    </>
  )
}

function Failure({ failure: { kind, atMs, message } }: { readonly failure: StateFailureView }) {
  return (
    <div role="alert" className="flex items-start gap-3 border-b border-line px-4 py-2.5">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
      <div className="min-w-0">
        <p className="font-medium">
          {workTexts[kind].failed} <RelativeTime atMs={atMs} />
        </p>
        <p className="wrap-anywhere text-soft">{message} What there was before is kept.</p>
      </div>
    </div>
  )
}
