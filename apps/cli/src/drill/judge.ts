import { deathTexts, requestFailures } from '@skykeep/core/drill-figures'
import type { DrillLoad, DrillResult, DrillTarget } from '@skykeep/core/nouns'
import type { RoundOutcome } from './drill-setting.ts'
import { journalledMs, type BrokenStream } from './long-stream.ts'

export interface Judgement {
  readonly status: 'SUCCEEDED' | 'FAILED'
  /** One sentence for a person. */
  readonly reason: string
}

/** Adds up the rounds so far. Pure. */
export function resultOf(outcomes: readonly RoundOutcome[]): DrillResult {
  const rounds = outcomes.map(({ round }) => round)
  const reports = outcomes.flatMap((outcome) => outcome.reports)
  return {
    ...totalOf(rounds),
    rounds,
    adopted: distinct(reports.flatMap(({ adoptedReplicas }) => adoptedReplicas)),
    resumed: distinct(
      reports.flatMap(({ resumedLaunches, resumedTeardowns }) => [...resumedLaunches, ...resumedTeardowns]),
    ),
    orphans: distinct(reports.flatMap(({ orphans }) => orphans)),
    unfinished: outcomes.reduce((sum, { unfinished }) => sum + unfinished, 0),
  }
}

function totalOf(rounds: readonly DrillLoad[]): DrillLoad {
  const failed: Record<string, number> = {}
  for (const round of rounds) {
    for (const [kind, count] of Object.entries(round.failed)) failed[kind] = (failed[kind] ?? 0) + count
  }
  return {
    failed,
    requests: sumOf(rounds.map(({ requests }) => requests)),
    repeated: sumOf(rounds.map(({ repeated }) => repeated)),
    longestGapMs: Math.max(0, ...rounds.map(({ longestGapMs }) => longestGapMs)),
    slowestMs: Math.max(0, ...rounds.map(({ slowestMs }) => slowestMs)),
  }
}

/** Whether anything was lost that the guarantee covers, and what. Pure. */
export function judge(
  target: DrillTarget,
  outcomes: readonly RoundOutcome[],
  waitSeconds: number,
): Judgement {
  const result = resultOf(outcomes)
  const losses = outcomes.flatMap((outcome, index) =>
    lossesOf(target, outcome, waitSeconds).map((loss) => `${loss} (round ${index + 1})`),
  )
  if (losses.length > 0) return { status: 'FAILED', reason: losses.join('; ') }
  const rounds = outcomes.length === 1 ? 'one death' : `${outcomes.length} deaths`
  const through = `${result.requests} requests through ${rounds} of ${deathTexts[target]}`
  const failed = requestFailures(result)
  const streams = streamsText(outcomes)
  if (failed === 0)
    return { status: 'SUCCEEDED', reason: `nothing was lost: ${through}, every one answered${streams}` }
  return {
    status: 'SUCCEEDED',
    reason: `everything came back: ${through}, ${failed} of them failed meanwhile, which the guarantee does not cover${streams}`,
  }
}

/** Streams end with the gateway process or the replica that carries them: that much is said. */
function streamsText(outcomes: readonly RoundOutcome[]): string {
  const cut = sumOf(outcomes.map(({ brokenStreams }) => longLived(brokenStreams)))
  if (cut === 0) return ''
  return `; ${cut === 1 ? 'one stream was' : `${cut} streams were`} cut off, and listed`
}

/** Streams that were open long enough to stand in the gateway's journal: a quarter of a second. */
function longLived(streams: readonly BrokenStream[]): number {
  return streams.filter(({ ageMs }) => ageMs > journalledMs).length
}

/** What one round lost against the guarantee, each as a clause. */
function lossesOf(target: DrillTarget, outcome: RoundOutcome, waitSeconds: number): readonly string[] {
  const { round, replaced, newOrphans, brokenStreams, unfinished } = outcome
  const losses: string[] = []
  const failed = requestFailures(round)
  if (round.recoveredMs === null) losses.push(`not all was as before within ${waitSeconds} s`)
  if (failed > 0 && isCovered(target, outcome)) losses.push(`${failed} of ${round.requests} requests failed`)
  if (replaced.length > 0) losses.push(`replaced without need: ${replaced.join(', ')}`)
  if (newOrphans.length > 0) losses.push(`orphans were left: ${newOrphans.join(', ')}`)
  const old = longLived(brokenStreams)
  if (brokenStreams.length > 0 && keepsStreams(target))
    losses.push(`${brokenStreams.length} streams were cut off`)
  else if (old > unfinished) losses.push(`${old} streams were cut off, ${unfinished} of them are listed`)
  return losses
}

/** Requests that HTTP lets a proxy repeat survive these deaths, where there is a second one of what died. */
function isCovered(target: DrillTarget, { gateways, readyReplicas }: RoundOutcome): boolean {
  if (target === 'all') return false
  if (target === 'gateway') return gateways > 1
  return target !== 'replica' || readyReplicas > 1
}

/** Streams live in gateway and replica: no other death touches them. */
function keepsStreams(target: DrillTarget): boolean {
  return target === 'worker' || target === 'web' || target === 'supervisor'
}

function sumOf(values: readonly number[]): number {
  return values.reduce((sum, value) => sum + value, 0)
}

function distinct(names: readonly string[]): readonly string[] {
  return [...new Set(names)].toSorted()
}
