import { localMinute, timeOfLocal } from '#src/format/local-minute.ts'

/** A moment, to the minute, in the reader's own time zone. */
export function TimeFilter({
  label,
  atMs,
  onChange,
}: {
  readonly label: string
  /** Null: none is chosen. */
  readonly atMs: number | null
  readonly onChange: (atMs: number | null) => void
}) {
  return (
    <label className="flex items-center gap-1.5 max-sm:flex-1">
      <span className="text-[0.88rem] text-soft">{label}</span>
      <input
        type="datetime-local"
        value={atMs === null ? '' : localMinute(atMs)}
        onChange={(event) => onChange(timeOfLocal(event.currentTarget.value))}
        className="h-8 min-w-0 rounded-md border border-line-strong bg-surface px-2 max-sm:flex-1"
      />
    </label>
  )
}
