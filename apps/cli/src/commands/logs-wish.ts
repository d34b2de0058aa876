import { SkykeepError } from '@skykeep/core/errors'
import { momentOf } from '../client/moment.ts'

export interface ServeLogsOptions {
  readonly follow?: boolean
  /** Bytes from the end to start with; of one replica. */
  readonly tailBytes?: number
  /** Lines from the end to start with, of all replicas together. */
  readonly tailLines?: number
  /** Every replica, also those that are gone. */
  readonly all?: boolean
  readonly since?: string
  readonly until?: string
  readonly controller?: boolean
  readonly loadBalancer?: boolean
  /** Folder to write the logs into. */
  readonly syncDown?: string
  readonly json?: boolean
}

/** What is asked for, with its times as moments. */
export interface LogsWish {
  readonly name: string
  readonly replicaIds: readonly number[]
  readonly sinceMs?: number
  readonly untilMs?: number
  readonly options: ServeLogsOptions
}

/** The wish of a command line, checked before anything is asked of a plane. Throws INVALID_INPUT. */
export function logsWish(name: string, replicaIds: readonly number[], options: ServeLogsOptions): LogsWish {
  const { since, until, all, follow, tailLines, tailBytes, controller, loadBalancer } = options
  const conflicts: readonly (readonly [boolean, string])[] = [
    [all === true && replicaIds.length > 0, 'Name replicas, or give `--all`.'],
    [follow === true && until !== undefined, '`--follow` has no end that `--until` could set.'],
    [tailLines !== undefined && tailBytes !== undefined, 'Give `--tail-lines` or `--tail-bytes`.'],
    [controller === true && loadBalancer === true, 'Give `--controller` or `--load-balancer`.'],
    [
      (controller === true || loadBalancer === true) && (all === true || replicaIds.length > 0),
      'The lines of our own processes are of no replica.',
    ],
  ]
  const conflict = conflicts.find(([isGiven]) => isGiven)
  if (conflict !== undefined) {
    throw new SkykeepError('INVALID_INPUT', 'options of serve logs that exclude each other', {
      userMessage: conflict[1],
      hint: 'See `skykeep serve logs --help`.',
    })
  }
  const nowMs = Date.now()
  return {
    name,
    replicaIds,
    options,
    ...(since === undefined ? {} : { sinceMs: momentOf('--since', since, nowMs) }),
    ...(until === undefined ? {} : { untilMs: momentOf('--until', until, nowMs) }),
  }
}
