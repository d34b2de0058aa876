import type { EventView } from '@skykeep/core/views'

/** A query, or all queries of one procedure, that an event may have made old. */
export type Concern =
  | {
      readonly procedure:
        | 'services.list'
        | 'operations.list'
        | 'system.overview'
        | 'system.status'
        | 'state.backups'
        | 'drills.latest'
        | 'serviceKeys.list'
        | 'serviceKeys.revokedTokens'
    }
  | { readonly procedure: 'services.get'; readonly name: string }
  | { readonly procedure: 'operations.get'; readonly uid: string }
  | { readonly procedure: 'events.list' }

/** What one event makes old; pure. Everything else on the page stays as it is. */
export function concernsOf(event: EventView): readonly Concern[] {
  const always: readonly Concern[] = [
    { procedure: 'events.list' },
    ...(event.cause.startsWith('op_') ? [{ procedure: 'operations.get', uid: event.cause } as const] : []),
  ]
  const service: readonly Concern[] =
    event.serviceName === '' ? [] : [{ procedure: 'services.get', name: event.serviceName }]
  // Probes come often and change nothing but the replica's own line.
  if (event.type === 'replica.probe') return [...always, ...service]
  const summary: Concern = { procedure: 'system.overview' }
  const system: Concern = { procedure: 'system.status' }
  switch (event.kind) {
    case 'operation':
      return [
        ...always,
        { procedure: 'operations.list' },
        { procedure: 'operations.get', uid: event.uid },
        summary,
      ]
    case 'service':
    case 'endpoint':
    case 'rollout':
      return [
        ...always,
        ...service,
        { procedure: 'services.list' },
        summary,
        system,
        ...ofItsType(event.type),
      ]
    case 'replica':
      return [...always, ...service, { procedure: 'services.list' }, summary]
    case 'system':
      return [...always, ...service, summary, system, { procedure: 'state.backups' }]
  }
}

/** What shows nothing but events of this type. */
function ofItsType(type: EventView['type']): readonly Concern[] {
  if (type.startsWith('drill.')) return [{ procedure: 'drills.latest' }]
  if (type.startsWith('service-key.')) return [{ procedure: 'serviceKeys.list' }]
  return type === 'service-token.revoked' ? [{ procedure: 'serviceKeys.revokedTokens' }] : []
}

/** The concerns of many events, each once. */
export function concernsOfAll(events: readonly EventView[]): readonly Concern[] {
  const distinct = new Map<string, Concern>()
  for (const event of events) {
    for (const concern of concernsOf(event)) distinct.set(JSON.stringify(concern), concern)
  }
  return [...distinct.values()]
}
