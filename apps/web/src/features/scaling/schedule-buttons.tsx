'use client'

import { useMutation } from '@tanstack/react-query'
import { CalendarClock, CalendarX2 } from 'lucide-react'
import { useState } from 'react'
import type { ScheduleView } from '@skykeep/core/views'
import { AskButton } from '#src/components/ui/ask-button.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { useTRPC } from '#src/trpc/client.ts'
import { useAsked } from '../service/use-asked.ts'
import { useUndo } from '../undo/use-undo.ts'
import { draftOf, specOf, type ScheduleDraft } from './schedule-draft.ts'
import { ScheduleForm } from './schedule-form.tsx'
import { scheduleProblem } from './schedule-text.ts'

interface Props {
  readonly name: string
  /** The one in force. */
  readonly schedule: ScheduleView | null
}

/** Sets off-hours, takes all of them away, or gives those of the YAML back. */
export function ScheduleButtons({ name, schedule }: Props) {
  return (
    <>
      <SetSchedule name={name} schedule={schedule} />
      {schedule === null ? null : <ClearSchedule name={name} schedule={schedule} />}
    </>
  )
}

function startOf(schedule: ScheduleView | null): ScheduleDraft {
  return draftOf(schedule?.spec ?? null, new Intl.DateTimeFormat().resolvedOptions().timeZone)
}

function useSetSchedule(title: string, { name, schedule }: Props) {
  const trpc = useTRPC()
  const asked = useAsked()
  const undo = useUndo()
  return useMutation(
    trpc.services.setSchedule.mutationOptions({ onSuccess: asked(title, undo.ofSchedule(name, schedule)) }),
  )
}

function SetSchedule({ name, schedule }: Props) {
  const set = useSetSchedule(`Setting the off-hours of ${name}`, { name, schedule })
  const [draft, setDraft] = useState(() => startOf(schedule))
  const problem = scheduleProblem(draft)
  return (
    <AskButton
      trigger={
        <Button onClick={() => setDraft(startOf(schedule))}>
          <CalendarClock aria-hidden />
          {schedule === null ? 'Set' : 'Change'}
        </Button>
      }
      title={`Off-hours of ${name}`}
      confirmLabel="Save"
      isDanger={false}
      isRefused={problem !== null}
      asking={set}
      input={{ name, schedule: specOf(draft) }}
    >
      <ScheduleForm draft={draft} onChange={setDraft} />
      <output className="block min-h-6 text-warn">{problem}</output>
    </AskButton>
  )
}

function ClearSchedule({ name, schedule }: Props & { readonly schedule: ScheduleView }) {
  const { isOverride, spec } = schedule
  const clear = useSetSchedule(`Clearing the off-hours of ${name}`, { name, schedule })
  // What a person set goes back to the YAML; what the YAML says is overruled by no off-hours at all.
  const input = isOverride ? null : { ...spec, offHours: [] }
  return (
    <AskButton
      trigger={
        <Button>
          <CalendarX2 aria-hidden />
          Clear
        </Button>
      }
      title={`Clear the off-hours of ${name}?`}
      confirmLabel="Clear"
      isDanger={false}
      asking={clear}
      input={{ name, schedule: input }}
    >
      <p>
        {isOverride
          ? 'What a person set is forgotten: the off-hours of its YAML apply again, if there are any.'
          : 'The off-hours of its YAML stop to apply. They come back when you clear once more.'}
      </p>
    </AskButton>
  )
}
