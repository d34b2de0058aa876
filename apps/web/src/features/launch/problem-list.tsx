import { CircleAlert, CircleCheck, LoaderCircle, TriangleAlert } from 'lucide-react'
import type { SpecProblemView } from '@skykeep/core/views'
import { plural } from '#src/format/quantity.ts'

/** What the parser found, each with its place; choosing one puts the cursor there. */
export function ProblemList({
  problems,
  isChecking,
  isEmpty,
  onGo,
}: {
  readonly problems: readonly SpecProblemView[]
  /** True while the newest text is with the parser. */
  readonly isChecking: boolean
  readonly isEmpty: boolean
  readonly onGo: (problem: SpecProblemView) => void
}) {
  const errors = problems.filter(({ severity }) => severity === 'error').length
  const warnings = problems.length - errors
  return (
    <section aria-label="Problems" className="border-t border-line">
      <output className="flex min-h-9 items-center gap-2 px-4 py-1.5 text-soft">
        <Sign state={isChecking ? 'busy' : errors > 0 ? 'bad' : warnings > 0 ? 'warn' : 'ok'} />
        {isEmpty ? 'Nothing to check yet.' : isChecking ? 'Checking…' : summary(errors, warnings)}
      </output>
      {problems.length === 0 ? null : (
        <ol className="max-h-64 divide-y divide-line overflow-y-auto border-t border-line">
          {problems.map((problem) => (
            <li key={`${problem.line}:${problem.column}:${problem.path}:${problem.message}`}>
              <button
                type="button"
                onClick={() => onGo(problem)}
                className="grid w-full grid-cols-[auto_1fr] gap-x-2 px-4 py-2 text-left hover:bg-sunken focus-visible:-outline-offset-2"
              >
                <span className="pt-0.5">
                  <Sign state={problem.severity === 'error' ? 'bad' : 'warn'} />
                </span>
                <span className="min-w-0 break-words">
                  <span className="font-mono text-soft">
                    Line {problem.line}, column {problem.column}
                  </span>{' '}
                  <span className="sr-only">{problem.severity}: </span>
                  <span className="font-medium">{problem.message}</span>
                  <span className="block text-soft">{problem.hint}</span>
                </span>
              </button>
            </li>
          ))}
        </ol>
      )}
    </section>
  )
}

function summary(errors: number, warnings: number): string {
  if (errors === 0 && warnings === 0) return 'No problem found.'
  const parts = [
    ...(errors === 0 ? [] : [plural(errors, 'error')]),
    ...(warnings === 0 ? [] : [plural(warnings, 'warning')]),
  ]
  return parts.join(', ')
}

function Sign({ state }: { readonly state: 'busy' | 'ok' | 'warn' | 'bad' }) {
  if (state === 'busy') return <LoaderCircle aria-hidden className="size-4 animate-spin text-soft" />
  if (state === 'ok') return <CircleCheck aria-hidden className="size-4 text-ok" />
  if (state === 'warn') return <TriangleAlert aria-hidden className="size-4 text-warn" />
  return <CircleAlert aria-hidden className="size-4 text-bad" />
}
