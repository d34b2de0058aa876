/** Every verb that becomes an operation. */
export const operationVerbs = [
  'serve.up',
  'serve.down',
  'serve.update',
  'serve.rollback',
  'serve.pause',
  'serve.resume',
  'serve.schedule',
  'serve.terminate-replica',
] as const
export type OperationVerb = (typeof operationVerbs)[number]

/** The safe place that a cancelled request ends in, or why there is none. */
export type CancelWay =
  | { readonly to: 'taken-down' | 'version-before' | 'paused'; readonly promise: string }
  | { readonly to: null; readonly why: string; readonly instead: string }

/** What cancelling means, by verb: for a person before it is done, and for the action that does it. */
export const cancelWays: Readonly<Record<OperationVerb, CancelWay>> = {
  'serve.up': {
    to: 'taken-down',
    promise: 'The service never was ready: it is taken down, and its name is free again.',
  },
  'serve.update': {
    to: 'version-before',
    promise: 'The service goes back to the version that it came from, which serves all the while.',
  },
  'serve.rollback': {
    to: 'version-before',
    promise: 'The service goes back to the version that it came from, which serves all the while.',
  },
  'serve.resume': { to: 'paused', promise: 'The service is paused again: no replica, the endpoint stays.' },
  'serve.down': {
    to: null,
    why: 'A teardown cannot be cancelled: what it has ended already would not come back.',
    instead: 'Bring the service up again once it is gone.',
  },
  'serve.pause': {
    to: null,
    why: 'A pause cannot be cancelled: its replicas are being ended already.',
    instead: 'Resume the service instead.',
  },
  'serve.schedule': {
    to: null,
    why: 'Off-hours are in force as soon as they are written: there is nothing to cancel.',
    instead: 'Set other off-hours instead.',
  },
  'serve.terminate-replica': {
    to: null,
    why: 'The end of a replica cannot be cancelled: its process is being ended already.',
    instead: 'A new replica takes its place by itself, where one is wanted.',
  },
}

/** The way of a verb; one that this program does not know has none. */
export function cancelWayOf(verb: string): CancelWay {
  const known = operationVerbs.find((each) => each === verb)
  if (known !== undefined) return cancelWays[known]
  return { to: null, why: `This version does not know the verb ${verb}.`, instead: 'Update Skykeep.' }
}
