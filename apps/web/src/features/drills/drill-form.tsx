'use client'

import { drillTargets, type DrillTarget } from '@skykeep/core/nouns'
import { CheckField, Field } from '#src/components/ui/field.tsx'
import { SelectField } from '#src/components/ui/select-field.tsx'
import { targetConsequences, targetLabels, targetNamed } from './drill-text.ts'

const repeatsMax = 20
const choices = drillTargets.map((value) => ({ value, label: targetLabels[value] }))

/** What is asked of a drill. */
export interface DrillDraft {
  readonly target: DrillTarget
  readonly repeats: number
  readonly isConfirmed: boolean
}

/** Whether it can be asked for with so many ready replicas. Pure. */
export function isAskable({ target, repeats, isConfirmed }: DrillDraft, readyReplicas: number): boolean {
  const isCount = Number.isInteger(repeats) && repeats >= 1 && repeats <= repeatsMax
  return isCount && (isConfirmed || !isLone(target, readyReplicas))
}

/** What is killed, how often, and plainly what that does. */
export function DrillForm({
  draft,
  readyReplicas,
  onChange,
}: {
  readonly draft: DrillDraft
  readonly readyReplicas: number
  readonly onChange: (draft: DrillDraft) => void
}) {
  const { target, repeats, isConfirmed } = draft
  return (
    <>
      <div className="grid grid-cols-[1fr_6rem] items-end gap-3 text-ink">
        <div>
          <span aria-hidden className="mb-1 block text-[0.88rem] text-soft">
            What is killed
          </span>
          <SelectField
            label="What is killed"
            value={target}
            choices={choices}
            onChange={(value) => onChange({ ...draft, target: targetNamed(value) })}
          />
        </div>
        <Field
          label="How often"
          type="number"
          min={1}
          max={repeatsMax}
          required
          // An empty box is no number, and cannot be asked for.
          value={Number.isNaN(repeats) ? '' : repeats}
          onChange={(event) => onChange({ ...draft, repeats: event.currentTarget.valueAsNumber })}
        />
      </div>
      <p aria-live="polite" className="rounded-md border border-line bg-sunken px-3 py-2 text-ink">
        {targetConsequences[target]}
      </p>
      {isLone(target, readyReplicas) ? (
        <CheckField
          label="I know that only one replica is ready, and that nothing answers until it is replaced."
          isChecked={isConfirmed}
          onChange={(next) => onChange({ ...draft, isConfirmed: next })}
        />
      ) : null}
    </>
  )
}

function isLone(target: DrillTarget, readyReplicas: number): boolean {
  return target === 'replica' && readyReplicas < 2
}
