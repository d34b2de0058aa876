import type { AtRest } from './at-rest.ts'
import type { Attempt, Attempts } from './attempts.ts'
import type { Listed } from './bookkeeper.ts'
import type { Evidence, Explanation } from './verdict.ts'
import { explain, faultOfListed } from './verdict.ts'
import { trendOf } from './trend.ts'

/** A process that lived through all intervals, with what it had at the end of each. */
export interface Veteran {
  readonly name: string
  readonly atRest: readonly AtRest[]
}

const measures = [
  { key: 'objectsKiB', name: 'objects', unit: 'KiB', leakShare: 0.005 },
  { key: 'externalKiB', name: 'outside of the heap', unit: 'KiB', leakShare: 0.02 },
  { key: 'rssMiB', name: 'resident', unit: 'MiB', leakShare: 0.01 },
  { key: 'beyondHeapMiB', name: 'resident beyond the heap', unit: 'MiB', leakShare: 0.01 },
  { key: 'descriptors', name: 'descriptors', unit: '', leakShare: 0 },
] as const
/** A rise that chance gives less often than this is one. */
const significant = 0.05
const shortestIntervalMs = 45_000

/** One line a measure, and what of it is a leak. */
export function trends(
  veterans: readonly Veteran[],
  intervalMs: number,
): {
  readonly lines: string[]
  readonly faults: string[]
} {
  const lines: string[] = []
  const faults: string[] = []
  for (const { name, atRest } of veterans) {
    for (const { key, name: measure, unit, leakShare } of measures) {
      const values = atRest.map((each) => each[key])
      const { slope, chance } = trendOf(values)
      // In a short run programs are still compiled, and their memory grows by that.
      const isJudged = key === 'descriptors' || intervalMs >= shortestIntervalMs
      const isLeak = isJudged && chance < significant && slope > leakShare * (values[0] ?? 0)
      const shown = values.map((value) => value.toFixed(unit === 'MiB' ? 1 : 0)).join(' ')
      const line = `${name}: ${measure} ${shown} ${unit}; slope ${slope.toFixed(2)} an interval, p ${chance.toFixed(3)}${isJudged ? '' : ' (not judged: too short a run)'}`
      lines.push(line)
      if (isLeak) faults.push(`a leak: ${line}`)
    }
    const added = addedTo(atRest.at(0)?.shown ?? [], atRest.at(-1)?.shown ?? [])
    if (added.length > 0) lines.push(`${name}: descriptors that the first rest had not: ${added.join(', ')}`)
  }
  return { lines, faults }
}

/** What of `after` is not in `before`, as often as that has it. */
function addedTo(before: readonly string[], after: readonly string[]): readonly string[] {
  const left = [...before]
  return after.filter((each) => {
    const at = left.indexOf(each)
    if (at >= 0) left.splice(at, 1)
    return at < 0
  })
}

/** What came of all attempts that failed. */
export interface Judged {
  /** By kind of client and cause. */
  readonly lines: string[]
  readonly faults: string[]
  readonly explained: number
}

/** Judges each attempt that failed, and each request that a gateway listed. */
export function judge(attempts: Attempts, evidence: Evidence): Judged {
  const { listed } = evidence
  const groups = new Map<string, number>()
  const faults: string[] = []
  let explained = 0
  let mustBeListed = 0
  for (const attempt of attempts.failed) {
    const explanation = explain(attempt, evidence)
    if (explanation === null) {
      faults.push(`unexplained: ${shown(attempt, evidence)}`)
      continue
    }
    explained += 1
    const group = `${explanation.cause} · ${whatOf(attempt)}`
    groups.set(group, (groups.get(group) ?? 0) + 1)
    if (!explanation.mustBeListed) continue
    mustBeListed += 1
    const fault = listingFault(attempt, explanation, listed)
    if (fault !== '') faults.push(`${fault}: ${shown(attempt, evidence)}`)
  }
  for (const each of listed.values()) {
    const fault = faultOfListed(each, attempts.wholeAtMs, evidence.causes)
    if (fault !== '') faults.push(fault)
  }
  const lines = [...groups]
    .toSorted(([, a], [, b]) => b - a)
    .map(([group, count]) => `${String(count).padStart(7)}  ${group}`)
  lines.push(`${mustBeListed} of them had to be listed as broken; ${listed.size} requests were listed`)
  return { lines, faults, explained }
}

function listingFault(
  { path }: Attempt,
  { cause }: Explanation,
  listed: ReadonlyMap<string, Listed>,
): string {
  return listed.has(path) ? '' : `not listed (${cause})`
}

function whatOf({ kind, ending }: Attempt): string {
  switch (ending.how) {
    case 'refused':
      return `${kind}: ${ending.status}`
    case 'broken':
      return `${kind}: ${/NGHTTP2_\w+/.exec(ending.code)?.[0] ?? ending.code.split(' ')[0] ?? ''}`
    default:
      return `${kind}: ${ending.how}`
  }
}

/** All that is known of an attempt, for whoever has to find out. */
function shown(attempt: Attempt, { lines, causes }: Evidence): string {
  const { kind, service, path, ending, epoch, replica, isReused } = attempt
  const { startedAtMs, endedAtMs, firstByteAtMs } = attempt
  const at = new Date(performance.timeOrigin + endedAtMs).toISOString()
  const first =
    firstByteAtMs === null ? 'no byte' : `first byte after ${(firstByteAtMs - startedAtMs).toFixed(0)} ms`
  const who = `gateway ${epoch || 'unknown'}, replica ${replica || 'unknown'}`
  const line = lines.get(path)
  return [
    `${at} ${kind} · ${service} ${path} ${JSON.stringify(ending)}`,
    `ended after ${(endedAtMs - startedAtMs).toFixed(0)} ms, ${first}, ${isReused ? 'connection kept' : 'new connection'}, ${who}`,
    line === undefined ? 'no access line' : JSON.stringify(line),
    `meanwhile: ${causes.shown({ fromMs: startedAtMs, toMs: endedAtMs }, epoch)}`,
  ].join('\n    ')
}
