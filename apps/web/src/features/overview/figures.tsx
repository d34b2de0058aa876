import Link from 'next/link'
import type { ReactNode } from 'react'
import type { OverviewView } from '@skykeep/core/views'
import { cn } from '#src/components/ui/class-names.ts'
import { bytes, count } from '#src/format/quantity.ts'
import { toneClasses, type Visual } from '#src/status/tones.ts'
import { replicaVisuals, serviceVisuals, storageVisuals } from '#src/status/visuals.ts'
import { RequestsFigure } from './requests-figure.tsx'

/** Five numbers that say how things stand, each leading to its page. */
export function Figures({ overview }: { readonly overview: OverviewView }) {
  const services = overview.services.filter((each) => each.status !== 'TERMINATED')
  const replicas = overview.replicas.filter((each) => each.status !== 'TERMINATED')
  const storage = storageVisuals[overview.storage.state]
  return (
    <div className="grid gap-3 sm:grid-cols-2 lg:grid-cols-3 xl:grid-cols-5">
      <Figure label="Services" href="/services" value={count(sum(services))}>
        <Breakdown
          rows={services.map((each) => ({ visual: serviceVisuals[each.status], count: each.count }))}
        />
      </Figure>
      <Figure label="Replicas" href="/services" value={count(sum(replicas))}>
        <Breakdown
          rows={replicas.map((each) => ({ visual: replicaVisuals[each.status], count: each.count }))}
        />
      </Figure>
      <RequestsFigure />
      <Figure
        label="Operations under way"
        href="/operations?status=RUNNING"
        value={count(overview.runningOperations.length)}
      >
        {overview.runningOperations.length === 0
          ? 'Nobody waits for anything.'
          : overview.runningOperations[0]?.phase}
      </Figure>
      <Figure label="Storage" href="/system" value={bytes(overview.storage.freeBytes)} unit="free">
        <span className={cn('flex items-center gap-1', toneClasses[storage.tone].text)}>
          <storage.icon aria-hidden className="size-3.5" />
          {overview.storage.state === 'ok' ? storage.meaning : overview.storage.reason}
        </span>
      </Figure>
    </div>
  )
}

function Figure({
  label,
  href,
  value,
  unit,
  children,
}: {
  readonly label: string
  readonly href: string
  readonly value: string
  readonly unit?: string
  readonly children: ReactNode
}) {
  return (
    <section className="relative min-h-30 rounded-lg border border-line bg-surface p-4 hover:border-line-strong">
      <h2 className="text-soft">
        <Link href={href} prefetch={false} className="after:absolute after:inset-0">
          {label}
        </Link>
      </h2>
      <p className="text-[1.6rem] leading-tight font-semibold tracking-tight">
        {value}
        {unit === undefined ? null : <span className="ml-1.5 text-[1rem] font-normal text-soft">{unit}</span>}
      </p>
      <div className="mt-1 line-clamp-2 text-[0.9rem] text-soft">{children}</div>
    </section>
  )
}

function Breakdown({
  rows,
}: {
  readonly rows: readonly { readonly visual: Visual; readonly count: number }[]
}) {
  const present = rows.filter((row) => row.count > 0)
  if (present.length === 0) return 'None'
  return (
    <span className="flex flex-wrap gap-x-3">
      {present.map(({ visual, count: many }) => (
        <span key={visual.label} className={cn('flex items-center gap-1', toneClasses[visual.tone].text)}>
          <visual.icon aria-hidden className="size-3.5" />
          {many} {visual.label.toLowerCase()}
        </span>
      ))}
    </span>
  )
}

function sum(rows: readonly { readonly count: number }[]): number {
  return rows.reduce((total, row) => total + row.count, 0)
}
