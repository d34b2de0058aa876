import type { EventView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { clockTime } from '../output/age.ts'
import { flat } from '../output/width.ts'
import type { Json } from '../program/group.ts'
import { exitCodes } from './failure.ts'

/** `skykeep events --cause NUMBER`: what led to an event, the event, and what it caused, oldest first. Returns the exit code. */
export async function eventChain({ api, terminal }: Session, seq: number, { json }: Json): Promise<number> {
  const chain = await api.events.chain.query({ seq })
  if (json === true) {
    terminal.json(chain)
    return exitCodes.ok
  }
  const { event, causes, effects, actorNames } = chain
  const print = (mark: string, each: EventView): void => {
    const by = actorNames[each.actor] ?? each.actor
    const what = each.message || `${each.type} ${each.reason}`
    terminal.print(
      `${mark}  ${String(each.seq).padStart(6)}  ${clockTime(each.atMs)}  ${flat(what)}  (${by})`,
    )
  }
  for (const link of causes) print(link.how === 'cause' ? 'cause ' : 'before', link.event)
  print('this  ', event)
  for (const effect of effects) print('effect', effect)
  return exitCodes.ok
}
