import type { OffHours, ScheduleSpec } from '@skykeep/core/service-spec'

/** A row of a schedule that is filled in; its id is its own while the form is open. */
export interface DraftWindow extends OffHours {
  readonly id: number
}

export interface ScheduleDraft extends Omit<ScheduleSpec, 'offHours'> {
  readonly offHours: readonly DraftWindow[]
}

/** What a form begins with: the schedule that there is, else nights on working days. Pure. */
export function draftOf(spec: ScheduleSpec | null, timeZone: string): ScheduleDraft {
  const first: OffHours = { days: ['mon', 'tue', 'wed', 'thu', 'fri'], from: '19:00', to: '07:00' }
  const { offHours, ...rest } = spec ?? { timeZone, offHours: [], replicas: 0, warmUpMinutes: 10 }
  const windows = offHours.length === 0 ? [first] : offHours
  return { ...rest, offHours: windows.map(({ days, from, to }, id) => ({ id, days, from, to })) }
}

/** One more row: the weekend. Pure. */
export function nextWindow(windows: readonly DraftWindow[]): DraftWindow {
  const id = Math.max(-1, ...windows.map((window) => window.id)) + 1
  return { id, days: ['sat', 'sun'], from: '00:00', to: '00:00' }
}

/** The schedule that was filled in. Pure. */
export function specOf({ offHours, ...rest }: ScheduleDraft): ScheduleSpec {
  return { ...rest, offHours: offHours.map(({ days, from, to }) => ({ days, from, to })) }
}
