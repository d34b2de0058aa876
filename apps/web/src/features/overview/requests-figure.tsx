'use client'

import Link from 'next/link'
import { Sparkline } from '#src/components/chart/sparkline.tsx'
import { perSecond } from '../traffic/quantities.ts'
import { useFigures } from '../traffic/use-figures.ts'

/** Requests a second of all services together now, and over the last five minutes. */
export function RequestsFigure() {
  const totals = useFigures()?.totals ?? []
  const now = totals.findLast((value) => value !== null) ?? null
  const most = Math.max(0, ...totals.map((value) => value ?? 0))
  return (
    <section
      aria-label="Requests"
      className="relative min-h-30 rounded-lg border border-line bg-surface p-4 hover:border-line-strong"
    >
      <h2 className="text-soft">
        <Link href="/services?sort=requests" prefetch={false} className="after:absolute after:inset-0">
          Requests
        </Link>
      </h2>
      <p className="text-[1.6rem] leading-tight font-semibold tracking-tight">
        {now === null ? '—' : perSecond(now)}
      </p>
      <Sparkline values={totals} />
      <p className="text-[0.9rem] text-soft">
        {now === null ? 'Not counted yet.' : `At most ${perSecond(most)} in five minutes.`}
      </p>
    </section>
  )
}
