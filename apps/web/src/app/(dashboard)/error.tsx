'use client'

import Link from 'next/link'
import { Button, buttonClasses } from '#src/components/ui/button.tsx'
import { pageProblemOf } from '#src/components/shell/page-problem.ts'

/** A page that broke: the shell around it stays, so that every other page can still be reached. */
export default function DashboardError({
  error,
  reset,
}: {
  readonly error: Error & { readonly digest?: string }
  readonly reset: () => void
}) {
  const problem = pageProblemOf(error)
  return (
    <div role="alert" className="grid justify-items-start gap-3 rounded-lg border border-line bg-surface p-6">
      <h1 className="text-[1.2rem] font-semibold">{problem.title}</h1>
      <p>{problem.kept}</p>
      <p className="text-soft">{problem.next}</p>
      <div className="flex flex-wrap gap-2">
        <Button look="solid" onClick={() => (problem.needsReload ? location.reload() : reset())}>
          {problem.needsReload ? 'Load it again' : 'Show it again'}
        </Button>
        <Link href="/" className={buttonClasses()}>
          Go to the overview
        </Link>
      </div>
    </div>
  )
}
