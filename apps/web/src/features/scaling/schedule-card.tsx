'use client'

import type { ScheduleView, ServiceView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { TimeUntil } from '#src/components/ui/relative-time.tsx'
import { plural } from '#src/format/quantity.ts'
import { useMay } from '#src/session/use-may.ts'
import { ScheduleButtons } from './schedule-buttons.tsx'
import { windowText, zoneTime } from './schedule-text.ts'

/** Off-hours: what is in force, when it changes next, and the way to change it. */
export function ScheduleCard({ service: { name, schedule } }: { readonly service: ServiceView }) {
  const mayWrite = useMay('service:write')
  return (
    <Card
      title="Schedule"
      actions={mayWrite ? <ScheduleButtons name={name} schedule={schedule} /> : undefined}
    >
      {schedule === null || schedule.spec.offHours.length === 0 ? (
        <p className="text-soft">
          {schedule === null
            ? 'No off-hours. Set hours in which the service needs fewer replicas, or none.'
            : 'A person took every off-hour away; those of the YAML do not apply.'}
        </p>
      ) : (
        <Schedule schedule={schedule} />
      )}
    </Card>
  )
}

function Schedule({
  schedule: { spec, isOff, isOverride, nextChangeAtMs },
}: {
  readonly schedule: ScheduleView
}) {
  return (
    <KeyValues
      rows={[
        { key: 'Now', value: isOff ? 'Off-hours' : 'Open' },
        {
          key: isOff ? 'Opens' : 'Next off-hours',
          value:
            nextChangeAtMs === null ? 'Never' : <NextChange atMs={nextChangeAtMs} zone={spec.timeZone} />,
        },
        {
          key: 'Off-hours',
          value: (
            <ul>
              {spec.offHours.map((window) => (
                <li key={windowText(window)}>{windowText(window)}</li>
              ))}
            </ul>
          ),
        },
        { key: 'Time zone', value: spec.timeZone },
        {
          key: 'Meanwhile',
          value:
            spec.replicas === 0
              ? 'No replica; the address answers 503 with the time at which it opens'
              : plural(spec.replicas, 'replica'),
        },
        {
          key: 'Warm-up',
          value:
            spec.warmUpMinutes === 0 ? 'None' : `${plural(spec.warmUpMinutes, 'minute')} before it opens`,
        },
        { key: 'Set', value: isOverride ? 'By a person, over the YAML' : 'In the YAML' },
      ]}
    />
  )
}

function NextChange({ atMs, zone }: { readonly atMs: number; readonly zone: string }) {
  const local = zoneTime(atMs, zone)
  return (
    <>
      <TimeUntil atMs={atMs} />
      {local === null ? null : (
        <span className="text-soft">
          {' '}
          ({local}, {zone})
        </span>
      )}
    </>
  )
}
