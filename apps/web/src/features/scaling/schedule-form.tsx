'use client'

import { Plus, Trash2 } from 'lucide-react'
import { weekdays, type Weekday } from '@skykeep/core/service-spec'
import { Button } from '#src/components/ui/button.tsx'
import { Field } from '#src/components/ui/field.tsx'
import { nextWindow, type DraftWindow, type ScheduleDraft } from './schedule-draft.ts'
import { weekdayLabels } from './schedule-text.ts'

const windowsMax = 50
const zonesId = 'time-zones'

/** A schedule to fill in; says nothing of what is wrong with it. */
export function ScheduleForm({
  draft,
  onChange,
}: {
  readonly draft: ScheduleDraft
  readonly onChange: (draft: ScheduleDraft) => void
}) {
  const { offHours } = draft
  const setWindow = (window: DraftWindow): void =>
    onChange({ ...draft, offHours: offHours.map((each) => (each.id === window.id ? window : each)) })
  return (
    <div className="flex flex-col gap-4 text-ink">
      <Field
        label="Time zone"
        list={zonesId}
        value={draft.timeZone}
        spellCheck={false}
        autoComplete="off"
        onChange={(event) => onChange({ ...draft, timeZone: event.currentTarget.value })}
      />
      <datalist id={zonesId}>
        {Intl.supportedValuesOf('timeZone').map((zone) => (
          <option key={zone} value={zone}>
            {zone}
          </option>
        ))}
      </datalist>
      <fieldset className="flex flex-col gap-3">
        <legend className="mb-1 text-[0.88rem] text-soft">Hours with fewer replicas</legend>
        {offHours.map((window, index) => (
          <WindowRow
            key={window.id}
            number={index + 1}
            window={window}
            onChange={setWindow}
            onRemove={() => onChange({ ...draft, offHours: offHours.filter(({ id }) => id !== window.id) })}
          />
        ))}
        <Button
          className="self-start"
          disabled={offHours.length >= windowsMax}
          onClick={() => onChange({ ...draft, offHours: [...offHours, nextWindow(offHours)] })}
        >
          <Plus aria-hidden />
          Add hours
        </Button>
      </fieldset>
      <div className="grid grid-cols-2 gap-3">
        <NumberField
          label="Replicas meanwhile"
          value={draft.replicas}
          max={100}
          onChange={(replicas) => onChange({ ...draft, replicas })}
        />
        <NumberField
          label="Warm-up, minutes"
          value={draft.warmUpMinutes}
          max={120}
          onChange={(warmUpMinutes) => onChange({ ...draft, warmUpMinutes })}
        />
      </div>
    </div>
  )
}

function WindowRow({
  number,
  window,
  onChange,
  onRemove,
}: {
  readonly number: number
  readonly window: DraftWindow
  readonly onChange: (window: DraftWindow) => void
  readonly onRemove: () => void
}) {
  const toggle = (day: Weekday): void => {
    const isChosen = window.days.includes(day)
    const days = isChosen ? window.days.filter((each) => each !== day) : [...window.days, day]
    onChange({ ...window, days })
  }
  return (
    <fieldset className="flex flex-col gap-2 rounded-md border border-line p-3">
      <legend className="sr-only">Hours {number}</legend>
      <div className="flex flex-wrap gap-1">
        {weekdays.map((day) => (
          <button
            key={day}
            type="button"
            aria-pressed={window.days.includes(day)}
            onClick={() => toggle(day)}
            className="h-7 rounded-md border border-line-strong px-2 text-[0.88rem] text-soft aria-pressed:border-accent aria-pressed:bg-accent-wash aria-pressed:text-accent"
          >
            {weekdayLabels[day]}
          </button>
        ))}
      </div>
      <div className="flex items-end gap-2">
        <Field
          label="From"
          type="time"
          value={window.from}
          onChange={(event) => onChange({ ...window, from: event.currentTarget.value })}
        />
        <Field
          label="To"
          type="time"
          value={window.to}
          onChange={(event) => onChange({ ...window, to: event.currentTarget.value })}
        />
        <Button
          look="quiet"
          isIcon
          className="ml-auto"
          aria-label={`Remove hours ${number}`}
          onClick={onRemove}
        >
          <Trash2 aria-hidden />
        </Button>
      </div>
    </fieldset>
  )
}

function NumberField({
  label,
  value,
  max,
  onChange,
}: {
  readonly label: string
  readonly value: number
  readonly max: number
  readonly onChange: (value: number) => void
}) {
  return (
    <Field
      label={label}
      type="number"
      min={0}
      max={max}
      required
      // An empty box is no number, and is said to be wrong.
      value={Number.isNaN(value) ? '' : value}
      onChange={(event) => onChange(event.currentTarget.valueAsNumber)}
    />
  )
}
