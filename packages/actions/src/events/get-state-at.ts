import { SkykeepError } from '@skykeep/core/errors'
import type { SkykeepEvent } from '@skykeep/core/events'
import type { Replica, Service } from '@skykeep/core/nouns'
import { replicaStatuses, serviceStatuses } from '@skykeep/core/statuses'
import type { StateAtView } from '@skykeep/core/event-views'
import { eventBounds, eventsAround, firstChangesAfter } from '@skykeep/db/events'
import type { Db } from '@skykeep/db/handles'
import { listReplicas } from '@skykeep/db/replicas'
import { listServices } from '@skykeep/db/services'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { StateAtInput } from './schemas.ts'
import { versionAt } from './version-at.ts'

/**
 * What there was at a moment: services with their version and status, replicas with theirs. A row's status is what its first change since
 * then came from; without a change it is today's. Throws CURSOR_TOO_OLD below what is kept, INVALID_INPUT for a time that is not yet.
 */
export async function getStateAt(context: ActionContext, { atMs }: StateAtInput): Promise<StateAtView> {
  authorize(context.actor, 'event:read')
  const { db, workspace } = context
  if (atMs > context.clock.now()) {
    throw new SkykeepError('INVALID_INPUT', `asked for the state at ${atMs}, which is not yet`, {
      userMessage: 'That moment is not yet.',
      hint: 'Choose one that has passed.',
    })
  }
  const { last, first } = await eventsAround(db, atMs)
  const { floorSeq } = await eventBounds(db)
  if (floorSeq > 0 && (last === null || last.seq < floorSeq)) throw tooOld(first)
  const seq = last?.seq ?? 0
  const rows: Rows[] = []
  for (const service of await allServices(db, workspace)) {
    const { items } = await listReplicas(db, { serviceUid: service.uid, limit: replicasMax, atMs })
    rows.push({ service, replicas: items })
  }
  // Read after the rows: what changes in between is undone as well.
  const changes = byUid(await firstChangesAfter(db, seq, ['service', 'replica']))
  const services: StateAtView['services'][number][] = []
  for (const { service, replicas } of rows) {
    const status = rewound(service, changes, serviceStatuses)
    if (status === null || status === 'TERMINATED') continue
    services.push({
      name: service.name,
      status,
      ...(await versionAt(db, service, { atMs, seq, floorSeq, first })),
      replicas: replicas
        .flatMap((row) => replicaAt(row, changes))
        .toSorted((one, other) => one.id - other.id),
    })
  }
  return { atMs, seq, services: services.toSorted((one, other) => (one.name < other.name ? -1 : 1)) }
}

interface Rows {
  readonly service: Service
  readonly replicas: readonly Replica[]
}

/** Also those that have ended since, as long as their rows are kept. */
async function allServices(db: Db, workspace: string): Promise<readonly Service[]> {
  const services: Service[] = []
  for (let cursor: string | null | undefined; cursor !== null;) {
    const page = await listServices(db, {
      workspace,
      isHistoryIncluded: true,
      limit: 500,
      ...(cursor === undefined ? {} : { cursor }),
    })
    services.push(...page.items)
    cursor = page.nextCursor
  }
  return services
}

function tooOld(first: SkykeepEvent | null): SkykeepError {
  const since = first === null ? 'now' : new Date(first.atMs).toISOString()
  return new SkykeepError('CURSOR_TOO_OLD', `the log is kept from ${since} on`, {
    userMessage: `The history is kept from ${since} on; what there was before that cannot be told.`,
    hint: 'Choose a later moment, or keep more with `retention` in config.yaml.',
  })
}

function byUid(events: readonly SkykeepEvent[]): ReadonlyMap<string, SkykeepEvent> {
  return new Map(events.map((event) => [event.uid, event]))
}

/** The status before the first change since; null: it was created since. */
function rewound<S extends string>(
  row: { readonly uid: string; readonly status: S },
  changes: ReadonlyMap<string, SkykeepEvent>,
  statuses: readonly S[],
): S | null {
  const change = changes.get(row.uid)
  if (change === undefined) return row.status
  return statuses.find((status) => status === change.from) ?? null
}

const replicasMax = 500

function replicaAt(
  replica: Replica,
  changes: ReadonlyMap<string, SkykeepEvent>,
): StateAtView['services'][number]['replicas'] {
  const status = rewound(replica, changes, replicaStatuses)
  if (status === null || status === 'TERMINATED') return []
  const { replicaId: id, version, infra, zone, isSpot } = replica
  return [{ id, version, status, infra, zone, isSpot }]
}
