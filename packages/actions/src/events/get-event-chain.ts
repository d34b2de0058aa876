import { causeOfEvent, eventOfCause } from '@skykeep/core/event-cause'
import { SkykeepError } from '@skykeep/core/errors'
import type { SkykeepEvent } from '@skykeep/core/events'
import type { EventChainView, EventLinkView } from '@skykeep/core/event-views'
import { findEvents, listEvents } from '@skykeep/db/events'
import type { Db } from '@skykeep/db/handles'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { actorNamesOf } from './actor-names.ts'
import type { EventSeqInput } from './schemas.ts'

/** Links that are followed back at most. */
const chainMax = 20
const effectsMax = 100

/**
 * An event with what led to it, oldest first, and what it caused, oldest first. A link says how it is known: by the cause that was written
 * with the event, or only as what happened to the same row before. Throws NOT_FOUND for an event that is not kept.
 */
export async function getEventChain(context: ActionContext, input: EventSeqInput): Promise<EventChainView> {
  authorize(context.actor, 'event:read')
  const { db } = context
  const [event] = await findEvents(db, [input.seq])
  if (event === undefined) {
    throw new SkykeepError('NOT_FOUND', `no event ${input.seq}`, {
      userMessage: `Event ${input.seq} is not there, or is not kept any more.`,
      hint: 'Run `skykeep events` to see those that are.',
    })
  }
  const causes: EventLinkView[] = []
  for (let at = event; causes.length < chainMax;) {
    const link = await before(db, at)
    if (link === null) break
    causes.unshift(link)
    at = link.event
  }
  const effects = await effectsOf(db, event)
  const shown = [event, ...causes.map((cause) => cause.event), ...effects]
  return { event, causes, effects, actorNames: await actorNamesOf(db, shown) }
}

async function before(db: Db, event: SkykeepEvent): Promise<EventLinkView | null> {
  const named = eventOfCause(event.cause)
  if (named !== null) return link((await findEvents(db, [named]))[0], 'cause')
  const beforeSeq = event.seq
  const isOwn = event.cause === event.uid
  if (event.cause !== '' && !isOwn) {
    // What a person asked for began with the first event of its operation.
    const [first] = await listEvents(db, { uid: event.cause, afterSeq: 0, limit: 1 }).catch(() => [])
    const [last] = await listEvents(db, { uid: event.cause, beforeSeq, limit: 1 })
    const origin = first ?? last
    if (origin !== undefined && origin.seq < event.seq) return link(origin, 'cause')
  }
  const [previous] = await listEvents(db, { uid: event.uid, beforeSeq, limit: 1 })
  return link(previous, 'same-row')
}

function link(event: SkykeepEvent | undefined, how: EventLinkView['how']): EventLinkView | null {
  return event === undefined ? null : { event, how }
}

/** What names it, and, for the event that an operation began with, what names the operation. */
async function effectsOf(db: Db, event: SkykeepEvent): Promise<readonly SkykeepEvent[]> {
  const named = await newest(db, causeOfEvent(event.seq), event.seq)
  if (event.kind !== 'operation') return named
  const own = await newest(db, event.uid, event.seq)
  return [...named, ...own].toSorted((a, b) => a.seq - b.seq).slice(0, effectsMax)
}

async function newest(db: Db, cause: string, afterSeq: number): Promise<readonly SkykeepEvent[]> {
  return await listEvents(db, { cause, afterSeq, limit: effectsMax })
}
