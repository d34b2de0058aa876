import { SkykeepError } from '@skykeep/core/errors'
import type { EventType } from '@skykeep/core/events'
import type { EventView, WatchMessage } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { follow as followStream } from '../client/stream.ts'
import { clockTime } from '../output/age.ts'
import { flat } from '../output/width.ts'
import { eventChain } from './events-chain.ts'
import { stateAt } from './events-at.ts'
import { exitCodes } from './failure.ts'

export interface EventsOptions {
  readonly service?: string
  /** Only events of these types. */
  readonly type?: readonly EventType[]
  readonly limit: number
  readonly follow?: boolean
  /** The same as `follow`. */
  readonly watch?: boolean
  readonly json?: boolean
  /** Shows what there was at that time instead. */
  readonly at?: string
  /** Shows what led to the event of that number, and what it caused, instead. */
  readonly cause?: number
}

/** `skykeep events`: the log of everything that changed, oldest of the last ones first; `--follow` goes on with it. */
export async function events(session: Session, options: EventsOptions): Promise<number> {
  if (options.at !== undefined) return await stateAt(session, options.at, options)
  if (options.cause !== undefined) return await eventChain(session, options.cause, options)
  const page = await session.api.events.list.query({ ...filterOf(options), limit: options.limit })
  const latest = page.items.toSorted((a, b) => a.seq - b.seq)
  const isFollowed = options.follow === true || options.watch === true
  if (options.json === true && !isFollowed) {
    session.terminal.json(latest)
    return exitCodes.ok
  }
  if (latest.length === 0) session.terminal.note(`No events${ofWhat(options)} yet.`)
  for (const event of latest) show(session, event, options)
  if (!isFollowed) return exitCodes.ok
  return await follow(session, latest.at(-1)?.seq ?? 0, options)
}

/** @throws INVALID_INPUT: a view of one moment or of one chain has no types to filter by and no end to wait for. */
export function checkTogether({ at, cause, type, follow, watch }: EventsOptions): void {
  const given: readonly (readonly [boolean, string])[] = [
    [at !== undefined, '--at'],
    [cause !== undefined, '--cause'],
    [type !== undefined, '--type'],
    [follow === true || watch === true, '--follow'],
  ]
  const [view, beside] = given.flatMap(([isGiven, name]) => (isGiven ? [name] : []))
  if (beside === undefined || (at === undefined && cause === undefined)) return
  throw new SkykeepError('INVALID_INPUT', 'options of events that exclude each other', {
    userMessage: `\`${view}\` and \`${beside}\` exclude each other.`,
    hint: 'See `skykeep events --help`.',
  })
}

function filterOf({ service, type }: EventsOptions): { service?: string; type?: EventType[] } {
  return {
    ...(service === undefined ? {} : { service }),
    ...(type === undefined ? {} : { type: [...type] }),
  }
}

function ofWhat({ service, type }: EventsOptions): string {
  const ofType = type === undefined ? '' : ` of type ${type.join(' or ')}`
  return `${ofType}${service === undefined ? '' : ` of a service named ${service}`}`
}

function show({ terminal }: Session, event: EventView, options: EventsOptions): void {
  if (options.json === true) {
    terminal.print(JSON.stringify(event))
    return
  }
  const change = event.to === null ? event.type : `${event.from ?? 'new'} → ${event.to}`
  const who = event.serviceName === '' ? event.kind : `${event.kind} ${event.serviceName}`
  const number = terminal.paint('dim', String(event.seq).padStart(6))
  terminal.print(
    `${number}  ${clockTime(event.atMs)}  ${who}  ${change}  ${flat(event.message || event.reason)}`.trimEnd(),
  )
}

async function follow(session: Session, fromSeq: number, options: EventsOptions): Promise<number> {
  return await followStream<WatchMessage>(session, {
    open: (from, handlers) =>
      session.api.watch.events.subscribe(
        { ...filterOf(options), lastEventId: String(fromSeq), ...from },
        handlers,
      ),
    onData: (message) => {
      for (const event of message.type === 'events' ? message.events : []) show(session, event, options)
      return false
    },
    goesOn: { what: 'what happens goes on', look: 'skykeep events' },
  })
}
