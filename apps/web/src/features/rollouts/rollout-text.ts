import type { Rollout } from '@skykeep/core/nouns'
import type { UpdateMode } from '@skykeep/core/service-spec'
import type { ReplicaView, VersionView } from '@skykeep/core/views'

export const modeLabels: Readonly<Record<UpdateMode, string>> = {
  rolling: 'Rolling',
  blue_green: 'Blue-green',
  canary: 'Canary',
}

/** True while the rollout moves, or could. */
export function isUnderWay({ status }: Pick<Rollout, 'status'>): boolean {
  return status === 'PROGRESSING' || status === 'ROLLING_BACK'
}

/** Where it is, in words: the step of a canary with its share, which side of a blue-green switch. Pure. */
export function stepText({ mode, step, status, settings }: Rollout): string {
  if (status === 'ROLLING_BACK') return 'The old version takes over again'
  if (mode === 'rolling') return 'Replica by replica'
  if (mode === 'blue_green')
    return step === 0 ? 'The new version is made ready beside the old one' : 'Switched'
  const { stepPercents } = settings.canary
  const percent = stepPercents[step]
  return percent === undefined
    ? 'All steps passed; the rest follows'
    : `Step ${step + 1} of ${stepPercents.length}: ${percent} % of the requests go to the new version`
}

export interface RolloutProgress {
  /** Ready replicas that run the new version's task. */
  readonly ready: number
  readonly wanted: number
}

/** How many replicas of the new version (or of one with the same task) are ready. Pure. */
export function progressOf(
  { toVersion }: Pick<Rollout, 'toVersion'>,
  {
    replicas,
    versions,
    targetReplicas,
  }: {
    readonly replicas: readonly Pick<ReplicaView, 'status' | 'version'>[]
    readonly versions: readonly Pick<VersionView, 'version' | 'taskVersion'>[]
    readonly targetReplicas: number
  },
): RolloutProgress {
  const taskOf = (version: number): number =>
    versions.find((each) => each.version === version)?.taskVersion ?? version
  const ready = replicas.filter(
    ({ status, version }) => status === 'READY' && taskOf(version) === taskOf(toVersion),
  ).length
  return { ready: Math.min(ready, targetReplicas), wanted: targetReplicas }
}

/** `1.5 %` for 0.015. Pure. */
export function percentText(ratio: number): string {
  return `${Math.round(ratio * 1000) / 10} %`
}
