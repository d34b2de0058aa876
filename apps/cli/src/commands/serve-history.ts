import type { Rollout } from '@skykeep/core/nouns'
import type { HistoryView, VersionView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { age, clockTime } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import { showVersionDiff } from '../output/version-diff.ts'
import { showFound } from '../output/watching.ts'
import type { Watch } from '../program/group.ts'
import { exitCodes } from './failure.ts'

export interface ServeHistoryOptions extends Watch {
  /** Two versions to compare. */
  readonly diff?: readonly [number, number]
}

/** `skykeep serve history NAME`: versions and rollouts, or what is different between two versions. Returns the exit code. */
export async function serveHistory(
  session: Session,
  name: string,
  options: ServeHistoryOptions,
): Promise<number> {
  const { api, terminal } = session
  if (options.diff !== undefined) {
    const [from, to] = options.diff
    const diff = await api.services.compareVersions.query({ name, from, to })
    if (options.json === true) terminal.json(diff)
    else showVersionDiff(terminal, name, diff)
    return exitCodes.ok
  }
  return await showFound(session, options, async () => {
    const history = await api.services.history.query({ name })
    return {
      json: { ...history, versions: history.versions.map(withStatus(history)) },
      show: (shown) => showHistory(shown, history),
    }
  })
}

function withStatus(history: HistoryView): (version: VersionView) => object {
  return (version) => ({ ...version, status: statusOf(history, version.version) })
}

/** What became of a version; empty for one that was asked for and superseded before its end. */
function statusOf(history: HistoryView, version: number): string {
  const { targetVersion, desiredVersion, stableVersion, rollouts } = history
  const latest = rollouts.find(({ toVersion }) => toVersion === version)
  const words = [
    version === targetVersion ? 'current' : '',
    version === desiredVersion && version !== targetVersion ? 'wanted' : '',
    version === stableVersion ? 'stable' : '',
    latest?.status === 'ROLLED_BACK' || latest?.status === 'ROLLING_BACK' ? 'failed' : '',
  ]
  return words.filter(Boolean).join(', ')
}

function showHistory(terminal: Terminal, history: HistoryView): void {
  const now = Date.now()
  terminal.table(history.versions, [
    { title: 'VERSION', cell: ({ version }) => String(version) },
    { title: 'TASK', cell: ({ taskVersion }) => String(taskVersion) },
    { title: 'MADE', cell: ({ createdAtMs }) => clockTime(createdAtMs) },
    { title: 'BY', cell: ({ createdBy }) => createdBy },
    { title: 'STATUS', cell: ({ version }) => statusOf(history, version) },
  ])
  if (history.rollouts.length === 0) return
  terminal.print('')
  terminal.table(history.rollouts, [
    { title: 'ROLLOUT', cell: wayOf },
    { title: 'MODE', cell: ({ mode }) => mode.replace('_', '-') },
    { title: 'STATUS', cell: ({ status }) => status, isStatus: true },
    { title: 'STARTED', cell: ({ createdAtMs }) => `${age(createdAtMs, now)} ago` },
    { title: 'TOOK', cell: ({ createdAtMs, finishedAtMs }) => age(createdAtMs, finishedAtMs ?? now) },
    { title: 'REASON', cell: ({ statusReason }) => statusReason, isFlexible: true },
  ])
}

function wayOf({ fromVersion, toVersion }: Rollout): string {
  return `${fromVersion} → ${toVersion}`
}
