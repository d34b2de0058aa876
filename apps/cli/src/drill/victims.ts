import { SkykeepError } from '@skykeep/core/errors'
import type { DrillTarget } from '@skykeep/core/nouns'
import type { DrillVictim } from '@skykeep/core/views'
import { killProcess, killProcessGroup } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { PlaneParts } from './plane-parts.ts'

/** What one round kills. */
export interface Victims {
  /** Processes of the control plane. */
  readonly parts: readonly ProcessRecord[]
  /** The leader of a replica's processes. */
  readonly replica: DrillVictim | null
}

/** Parts that a drill of any target needs in place. */
export const neededParts = ['supervisor', 'worker', 'web', 'gateway-0'] as const

/**
 * What a round of the target kills; of several gateway processes another one each round. Pure. Throws CONFLICT where there is nothing of
 * the kind.
 */
export function victimsOf(
  target: DrillTarget,
  parts: PlaneParts,
  replica: DrillVictim | null,
  round: number,
): Victims {
  if (target === 'replica') {
    if (replica !== null) return { parts: [], replica }
    throw new SkykeepError('CONFLICT', 'no ready replica has a process of its own on this machine', {
      hint: 'Choose another part with --kill.',
    })
  }
  const gateways = [...parts.keys()].filter((name) => name.startsWith('gateway-')).toSorted()
  const names = namesOf(target, gateways, round)
  return { parts: names.flatMap((name) => parts.get(name) ?? []), replica: null }
}

function namesOf(
  target: Exclude<DrillTarget, 'replica'>,
  gateways: readonly string[],
  round: number,
): readonly string[] {
  if (target === 'gateway') return gateways.slice(round % gateways.length).slice(0, 1)
  return target === 'all' ? ['supervisor', 'worker', 'web', ...gateways] : [target]
}

/** SIGKILLs them all at once, each exactly the process that was meant. Returns those that were still there. */
export function killVictims({ parts, replica }: Victims): readonly number[] {
  const killed = parts.filter((part) => killProcess(part, 'SIGKILL')).map(({ pid }) => pid)
  if (replica !== null && killProcessGroup(replica, 'SIGKILL')) killed.push(replica.pid)
  return killed
}
