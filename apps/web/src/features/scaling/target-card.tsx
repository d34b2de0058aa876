import type { ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues, type KeyValue } from '#src/components/ui/key-values.tsx'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { plural } from '#src/format/quantity.ts'
import { boundsText, metricText, targetText } from './target-text.ts'

/** How many replicas are wanted now, and why. */
export function TargetCard({ service }: { readonly service: ServiceView }) {
  return (
    <Card title="Target">
      <div className="flex flex-col gap-4">
        <div>
          <p className="text-[1.3rem] leading-tight font-semibold">
            {plural(service.targetReplicas, 'replica')}
          </p>
          <p className="mt-1 max-w-prose">{targetText(service)}</p>
        </div>
        <KeyValues
          rows={[
            { key: 'Scaled by', value: metricText(service.scalingMetric) },
            { key: 'Bounds', value: boundsText(service) },
            {
              key: 'Ready',
              value: `${service.readyReplicas} of ${service.targetReplicas}`,
            },
            ...autoscalerRows(service),
          ]}
        />
      </div>
    </Card>
  )
}

/** What the autoscaler remembers; nothing where the number is fixed. */
function autoscalerRows({ autoscaler, scalingMetric }: ServiceView): readonly KeyValue[] {
  if (autoscaler === null || scalingMetric === 'fixed') return []
  const { targetReplicas, upTicks, downTicks, tickedAtMs, changedAtMs } = autoscaler
  return [
    { key: 'Load asks for', value: plural(targetReplicas, 'replica') },
    {
      key: 'Hysteresis',
      value: hysteresisText(upTicks, downTicks),
    },
    { key: 'Last look', value: tickedAtMs === null ? 'None yet' : <RelativeTime atMs={tickedAtMs} /> },
    { key: 'Last change', value: changedAtMs === null ? 'None yet' : <RelativeTime atMs={changedAtMs} /> },
  ]
}

function hysteresisText(upTicks: number, downTicks: number): string {
  if (upTicks > 0) return `${plural(upTicks, 'look')} in a row for more`
  if (downTicks > 0) return `${plural(downTicks, 'look')} in a row for fewer`
  return 'Steady'
}
