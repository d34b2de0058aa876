import { CircleAlert } from 'lucide-react'
import { problemOf } from '#src/trpc/problem.ts'
import { Button } from './button.tsx'

/** What went wrong, what was kept, and what to do next. */
export function ProblemNotice({
  error,
  kept,
  onRetry,
}: {
  readonly error: unknown
  /** What still stands although this failed, as one sentence. */
  readonly kept: string
  readonly onRetry?: () => void
}) {
  const problem = problemOf(error)
  return (
    <div role="alert" className="flex items-start gap-3 rounded-lg border border-line bg-surface p-4">
      <CircleAlert aria-hidden className="mt-0.5 size-5 shrink-0 text-bad" />
      <div className="min-w-0 flex-1">
        <p className="font-semibold break-words">{problem.what}</p>
        <p className="text-soft">{kept}</p>
        {problem.hint === null ? null : <p className="mt-1 break-words">{problem.hint}</p>}
      </div>
      {onRetry === undefined ? null : <Button onClick={onRetry}>Try again</Button>}
    </div>
  )
}
