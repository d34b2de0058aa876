/** How an event is named where it is the cause of another one. */
export function causeOfEvent(seq: number): string {
  return `event-${seq}`
}

/** The number of the event that a cause names; null where it names something else. */
export function eventOfCause(cause: string): number | null {
  const [, seq] = /^event-(\d{1,15})$/.exec(cause) ?? []
  return seq === undefined ? null : Number(seq)
}
