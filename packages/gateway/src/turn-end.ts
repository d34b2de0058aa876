/** Somebody who has gathered bytes. */
export interface Gatherer {
  flush(): void
}

let gatherers: Gatherer[] = []
let spare: Gatherer[] = []

/**
 * Has `flush` called once everything that came with this turn of the event loop has been read. All writes of a turn then stand
 * back to back: whoever reads them on another core is woken once and not for each, and several to one connection are one.
 */
export function flushAtTurnEnd(gatherer: Gatherer): void {
  if (gatherers.length === 0) setImmediate(flushAll)
  gatherers.push(gatherer)
}

function flushAll(): void {
  const due = gatherers
  gatherers = spare
  for (const gatherer of due) gatherer.flush()
  due.length = 0
  spare = due
}
