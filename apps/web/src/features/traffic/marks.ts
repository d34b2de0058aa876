import type { ServiceView } from '@skykeep/core/views'
import type { Mark } from '#src/components/chart/series.ts'

/** What happened to a service in a stretch of time: its creation, rollouts, scalings, recoveries, oldest first. Pure. */
export function marksOf(
  {
    createdAtMs,
    rollouts,
    decisions,
    recoveryReports,
  }: Pick<ServiceView, 'createdAtMs' | 'rollouts' | 'decisions' | 'recoveryReports'>,
  fromSecond: number,
): readonly Mark[] {
  const deploys = rollouts.map(({ createdAtMs, toVersion }) =>
    mark(createdAtMs, `Rollout of version ${toVersion}`),
  )
  const scalings = decisions.map(({ atMs, fromReplicas, toReplicas }) =>
    mark(atMs, `Scaled from ${fromReplicas} to ${toReplicas}`),
  )
  const recoveries = recoveryReports.map(({ atMs }) => mark(atMs, 'Recovery of the control plane'))
  return [mark(createdAtMs, 'Created'), ...deploys, ...scalings, ...recoveries]
    .filter(({ atSecond }) => atSecond >= fromSecond)
    .toSorted((a, b) => a.atSecond - b.atSecond)
}

function mark(atMs: number, label: string): Mark {
  return { atSecond: Math.floor(atMs / 1000), label }
}
