import type { OperationDetailView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { Elapsed, RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { operationTitle } from './operation-title.ts'
import { EventLine } from '../events/event-line.tsx'
import { operationVisuals } from '#src/status/visuals.ts'

/** Where an operation is and what it did so far. */
export function OperationProgress({ operation }: { readonly operation: OperationDetailView }) {
  const steps = operation.events
  return (
    <div className="grid gap-5 lg:grid-cols-[minmax(18rem,1fr)_2fr]">
      <Card title={operationTitle(operation)} className="self-start">
        <KeyValues
          rows={[
            { key: 'Status', value: <StatusBadge visual={operationVisuals[operation.status]} /> },
            ...(operation.statusReason === '' ? [] : [{ key: 'Reason', value: operation.statusReason }]),
            { key: 'Phase', value: operation.phase === '' ? '—' : operation.phase },
            ...(operation.setAsideReason === null
              ? []
              : [{ key: 'Set aside', value: operation.setAsideReason }]),
            ...(operation.cancelRequestedAtMs === null
              ? []
              : [
                  {
                    key: 'Cancelled by',
                    value: (
                      <>
                        {operation.cancelRequestedBy}, <RelativeTime atMs={operation.cancelRequestedAtMs} />
                      </>
                    ),
                  },
                ]),
            { key: 'Asked by', value: operation.requestedBy },
            { key: 'Started', value: <RelativeTime atMs={operation.createdAtMs} /> },
            {
              key: operation.finishedAtMs === null ? 'Running for' : 'Took',
              value: <Elapsed startMs={operation.createdAtMs} endMs={operation.finishedAtMs} />,
            },
            { key: 'Id', value: <span className="font-mono break-all">{operation.uid}</span> },
          ]}
        />
      </Card>
      <Card title="What happened" isFlush>
        {steps.length === 0 ? (
          <p className="p-4 text-soft">Nothing yet. Steps appear here as they happen.</p>
        ) : (
          <ol className="divide-y divide-line" aria-live="polite">
            {steps.map((event) => (
              <EventLine key={event.seq} event={event} subject="" />
            ))}
          </ol>
        )}
      </Card>
    </div>
  )
}
