import { requestFailures, slowestRecoveryMs } from '@skykeep/core/drill-figures'
import type { DrillResult } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { KeyValues } from '#src/components/ui/key-values.tsx'
import { Elapsed, RelativeTime } from '#src/components/ui/relative-time.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { plural } from '#src/format/quantity.ts'
import { drillVisuals } from '#src/status/visuals.ts'
import { sentence } from '../scaling/target-text.ts'
import { changeText, comparable, drillTitle } from './drill-text.ts'
import { DrillRounds } from './drill-rounds.tsx'

/** One drill: how it ended or where it is, round by round, and against the one before. */
export function DrillDetail({
  drill,
  drills,
}: {
  readonly drill: DrillView
  readonly drills: readonly DrillView[]
}) {
  const { status, statusReason, startedAtMs, finishedAtMs, result } = drill
  const isRunning = status === 'RUNNING'
  return (
    <section aria-label={`Drill: ${drillTitle(drill)}`} className="flex flex-col gap-4 p-4">
      <div>
        <p className="flex flex-wrap items-center gap-x-3 gap-y-1">
          <span className="font-semibold">{drillTitle(drill)}</span>
          <StatusBadge visual={drillVisuals[status]} />
          <span className="text-soft">
            <RelativeTime atMs={startedAtMs} />
            {status === 'LOST' ? null : (
              <>
                , {isRunning ? 'for' : 'took'} <Elapsed startMs={startedAtMs} endMs={finishedAtMs} />
              </>
            )}
          </span>
        </p>
        <p aria-live={isRunning ? 'polite' : 'off'} className="mt-1.5 max-w-prose break-words">
          {statusReason === '' ? 'Its process is being started.' : sentence(statusReason)}
          {status === 'LOST' ? ' Its process ended before it could say more.' : null}
        </p>
      </div>
      {result === null ? null : (
        <>
          <DrillRounds rounds={result.rounds} />
          <Result result={result} drill={drill} drills={drills} />
        </>
      )}
    </section>
  )
}

function Result({
  result,
  drill,
  drills,
}: {
  readonly result: DrillResult
  readonly drill: DrillView
  readonly drills: readonly DrillView[]
}) {
  const before = comparable(drill, drills)?.result ?? null
  return (
    <KeyValues
      rows={[
        {
          key: 'Failed requests',
          value: `${requestFailures(result)} of ${plural(result.requests, 'request')}`,
        },
        { key: 'Replicas adopted', value: named(result.adopted) },
        { key: 'Resumed', value: named(result.resumed) },
        { key: 'Orphans', value: named(result.orphans) },
        { key: 'Unfinished, listed', value: result.unfinished },
        {
          key: 'Against the last one',
          value: before === null ? 'No earlier drill of the same kind' : sentence(comparison(result, before)),
        },
      ]}
    />
  )
}

function comparison(result: DrillResult, before: DrillResult): string {
  const recovery = changeText(slowestRecoveryMs(result.rounds), slowestRecoveryMs(before.rounds))
  const gap = changeText(result.longestGapMs, before.longestGapMs)
  const failed = requestFailures(result) - requestFailures(before)
  return [
    recovery === null ? '' : `recovery ${recovery}`,
    gap === null ? '' : `longest gap ${gap}`,
    failed === 0 ? 'as many failed' : `${Math.abs(failed)} ${failed > 0 ? 'more' : 'fewer'} failed`,
  ]
    .filter(Boolean)
    .join(', ')
}

function named(names: readonly string[]): string {
  return names.length === 0 ? 'None' : names.join(', ')
}
