import type { DrillLoad, DrillRound, DrillTarget } from './nouns.ts'

/** What a drill of each kind kills, as it stands after "the death of". */
export const deathTexts: Readonly<Record<DrillTarget, string>> = {
  worker: 'the worker',
  gateway: 'one gateway process',
  web: 'web',
  supervisor: 'the supervisor',
  replica: 'the newest replica',
  all: 'the whole control plane',
}

/** Kinds of failure that are of a stream begin so. */
export const streamKind = 'stream: '

/** Requests without a good answer; streams that were cut off are none. */
export function requestFailures({ failed }: Pick<DrillLoad, 'failed'>): number {
  return Object.entries(failed)
    .filter(([kind]) => !kind.startsWith(streamKind))
    .reduce((sum, [, count]) => sum + count, 0)
}

/** The slowest recovery of all rounds, milliseconds; null without rounds and when one did not come to it. */
export function slowestRecoveryMs(rounds: readonly Pick<DrillRound, 'recoveredMs'>[]): number | null {
  let slowest: number | null = null
  for (const { recoveredMs } of rounds) {
    if (recoveredMs === null) return null
    slowest = Math.max(slowest ?? 0, recoveredMs)
  }
  return slowest
}

/** `26 × connection refused, 1 × HTTP 502`; empty without failures. */
export function kindsText({ failed }: Pick<DrillLoad, 'failed'>): string {
  return Object.entries(failed)
    .map(([kind, count]) => `${count} × ${kind}`)
    .join(', ')
}
