/** A moment of a `datetime-local` field as ms since the epoch, in the reader's own time zone; undefined for none or nonsense. Pure. */
export function momentOf(text: string | null): number | undefined {
  if (text === null || text === '') return undefined
  const ms = new Date(text).getTime()
  return Number.isNaN(ms) ? undefined : ms
}
