import { ArrowDown, ArrowUp, ChevronRight } from 'lucide-react'
import type { ScalingDecision } from '@skykeep/core/nouns'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { sentence } from './target-text.ts'
import { termLabel, termValue } from './term-text.ts'

/** Every change of the target with the terms that it was made of, newest first. */
export function DecisionsCard({ decisions }: { readonly decisions: readonly ScalingDecision[] }) {
  return (
    <Card title="Decisions" isFlush={decisions.length > 0}>
      {decisions.length === 0 ? (
        <p className="text-soft">
          None yet. Each time the target changes, what was measured and why it followed stands here.
        </p>
      ) : (
        <ul className="divide-y divide-line">
          {decisions.map((decision) => (
            <li key={decision.uid}>
              <Decision decision={decision} />
            </li>
          ))}
        </ul>
      )}
    </Card>
  )
}

function Decision({ decision }: { readonly decision: ScalingDecision }) {
  const { fromReplicas, toReplicas, message, reason, atMs, terms } = decision
  const Arrow = toReplicas >= fromReplicas ? ArrowUp : ArrowDown
  return (
    <details className="group">
      <summary className="flex list-none flex-wrap items-center gap-x-2.5 gap-y-0.5 px-4 py-2.5 hover:bg-sunken focus-visible:-outline-offset-2">
        <ChevronRight aria-hidden className="size-4 shrink-0 text-soft group-open:rotate-90" />
        <Arrow aria-hidden className="size-4 shrink-0 text-busy" />
        <span className="font-medium whitespace-nowrap">
          {fromReplicas} <span aria-hidden>→</span>
          <span className="sr-only">to</span> {toReplicas}
        </span>
        <span className="min-w-0 break-words max-sm:order-1 max-sm:w-full sm:flex-1">
          {sentence(message)}
        </span>
        <span className="ml-auto text-[0.88rem] text-soft">
          <RelativeTime atMs={atMs} />
        </span>
      </summary>
      <div className="px-4 pt-1 pb-4 sm:pl-11">
        <KeyValues
          rows={[
            { key: 'Reason', value: <span className="font-mono">{reason}</span> },
            ...Object.entries(terms).map(([name, value]) => ({
              key: termLabel(name),
              value: termValue(value),
            })),
          ]}
        />
      </div>
    </details>
  )
}
