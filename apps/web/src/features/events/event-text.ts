import type { EventType } from '@skykeep/core/events'
import type { EventView } from '@skykeep/core/views'

const kindNames: Readonly<Record<EventView['kind'], string>> = {
  service: 'The service',
  replica: 'A replica',
  operation: 'An operation',
  endpoint: 'The endpoint',
  rollout: 'The rollout',
  system: 'The system',
}

const sentences: Readonly<Record<EventType, (event: EventView) => string>> = {
  'status.changed': (event) =>
    event.from === null
      ? `${subject(event)} was created.`
      : `${subject(event)} is now ${event.to ?? 'gone'}.`,
  'operation.progress': () => 'The operation went on.',
  'service.desired': () => 'The wanted state was changed.',
  'service.scaled': (event) => `The target is now ${event.to ?? 'another'}.`,
  'rollout.progress': () => 'The rollout went on.',
  'drill.started': () => 'A recovery drill began.',
  'drill.progress': () => 'The recovery drill went on.',
  'drill.finished': () => 'A recovery drill ended.',
  'replica.created': (event) => `${subject(event)} was created.`,
  'replica.launched': (event) => `${subject(event)} was launched.`,
  'replica.probe': (event) => `${subject(event)} was probed.`,
  'recovery.report': () => 'A controller took the service over.',
  'requests.unfinished': () => 'Requests were cut off.',
  'plane.started': () => 'The control plane started.',
  'plane.fenced': () => 'Another control plane took over.',
  'storage.degraded': () => 'The storage takes no writes.',
  'storage.recovered': () => 'The storage takes writes again.',
  'orphan.found': () => 'Something was found that no row knows of.',
  'state.backed-up': () => 'A backup was made.',
  'state.verified': () => 'A backup was checked.',
  'state.failed': () => 'A backup, or a check of one, failed.',
  'state.restored': () => 'A backup was restored.',
  'state.moved': () => 'The state moved to another path.',
  'key.rotated': () => 'The master key was rotated.',
  'history.pruned': () => 'Old history was removed.',
  'row.set-aside': (event) => `${subject(event)} was set aside.`,
  'user.signed-in': () => 'Somebody signed in.',
  'token.created': () => 'A token was made.',
  'token.revoked': () => 'A token was revoked.',
  'service-key.created': () => 'A key of the service was made.',
  'service-key.revoked': () => 'A key of the service was revoked.',
  'service-token.revoked': () => 'Signed tokens of the service were revoked.',
}

/** What happened as one sentence: the event's own, else one made of its type. Pure. */
export function eventText(event: EventView): string {
  return event.message === '' ? sentences[event.type](event) : event.message
}

function subject(event: EventView): string {
  const replicaId = event.payload['replicaId']
  if (event.kind === 'replica' && typeof replicaId === 'number') return `Replica ${replicaId}`
  const verb = event.payload['verb']
  if (event.kind === 'operation' && typeof verb === 'string')
    return `The operation “${verb.replaceAll('.', ' ')}”`
  return kindNames[event.kind]
}
