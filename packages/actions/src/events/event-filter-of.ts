import type { EventFilter } from '@skykeep/db/event-filter'
import type { Db } from '@skykeep/db/handles'
import { userUidsNamed } from '@skykeep/db/users'
import type { ListEventsInput } from './schemas.ts'

/** The filter of a request as the log knows it: people by uid. */
export async function eventFilterOf(db: Db, input: Partial<ListEventsInput>): Promise<EventFilter> {
  const { service, type, by, ...same } = input
  return {
    ...withoutUndefined(same),
    ...(service === undefined ? {} : { serviceName: service }),
    ...(type === undefined ? {} : { types: type }),
    ...(by === undefined ? {} : { actors: by === 'controller' ? [by] : await userUidsNamed(db, by) }),
  }
}

type Known<T> = { [K in keyof T]?: Exclude<T[K], undefined> }

function withoutUndefined<T extends object>(fields: T): Known<T> {
  // Only keys of T, without those that say nothing.
  return Object.fromEntries(Object.entries(fields).filter(([, value]) => value !== undefined)) as Known<T>
}
