import { kindsText, requestFailures, slowestRecoveryMs } from '@skykeep/core/drill-figures'
import type { DrillLoad, DrillResult, DrillRound } from '@skykeep/core/nouns'
import type { DrillView } from '@skykeep/core/views'
import { age } from '../output/age.ts'
import type { Terminal } from '../output/terminal.ts'
import type { Judgement } from './judge.ts'

type Line = DrillLoad & Pick<DrillRound, 'killedPids' | 'recoveredMs'> & { readonly title: string }

/** The result of a drill as a person reads it. */
export function showResult(terminal: Terminal, result: DrillResult, { status, reason }: Judgement): void {
  const lines: readonly Line[] = [
    ...result.rounds.map((round, index) => ({ ...round, title: String(index + 1) })),
    {
      ...result,
      title: 'total',
      killedPids: result.rounds.flatMap(({ killedPids }) => killedPids),
      recoveredMs: slowestRecoveryMs(result.rounds),
    },
  ]
  const hasFailures = Object.keys(result.failed).length > 0
  terminal.print('')
  terminal.table(lines, [
    { title: 'ROUND', cell: ({ title }) => title },
    { title: 'KILLED', cell: ({ killedPids }) => String(killedPids.length) },
    { title: 'REQUESTS', cell: ({ requests }) => String(requests) },
    { title: 'FAILED', cell: (line) => String(requestFailures(line)) },
    { title: 'REPEATED', cell: ({ repeated }) => String(repeated) },
    { title: 'LONGEST GAP', cell: ({ longestGapMs }) => `${longestGapMs} ms` },
    { title: 'SLOWEST', cell: ({ slowestMs }) => `${slowestMs} ms` },
    { title: 'RECOVERED', cell: ({ recoveredMs }) => recoveryText(recoveredMs) },
    ...(hasFailures ? [{ title: 'BY KIND', cell: kindsText, isFlexible: true }] : []),
  ])
  terminal.print('')
  terminal.print(`adopted     ${namesText(result.adopted)}`)
  terminal.print(`resumed     ${namesText(result.resumed)}`)
  terminal.print(`orphans     ${namesText(result.orphans)}`)
  terminal.print(`unfinished  ${result.unfinished}`)
  terminal.print('')
  const word = status === 'SUCCEEDED' ? terminal.paint('green', 'kept') : terminal.paint('red', 'lost')
  terminal.print(`${word}  ${reason}`)
}

/** Earlier drills in a table, newest first. */
export function showDrills(terminal: Terminal, drills: readonly DrillView[]): void {
  if (drills.length === 0) {
    terminal.print('No drills yet.')
    return
  }
  const now = Date.now()
  terminal.table(drills, [
    { title: 'DRILL', cell: ({ uid }) => uid },
    { title: 'KILLED', cell: ({ target, repeats }) => `${target} ×${repeats}` },
    { title: 'STATUS', cell: ({ status }) => status, isStatus: true },
    { title: 'WHEN', cell: ({ startedAtMs }) => `${age(startedAtMs, now)} ago` },
    { title: 'REQUESTS', cell: ({ result }) => String(result?.requests ?? '-') },
    { title: 'FAILED', cell: ({ result }) => (result === null ? '-' : String(requestFailures(result))) },
    { title: 'LONGEST GAP', cell: ({ result }) => (result === null ? '-' : `${result.longestGapMs} ms`) },
    {
      title: 'RECOVERED',
      cell: ({ result }) => (result === null ? '-' : recoveryText(slowestRecoveryMs(result.rounds))),
    },
    { title: 'REASON', cell: ({ statusReason }) => statusReason, isFlexible: true },
  ])
}

function recoveryText(recoveredMs: number | null): string {
  return recoveredMs === null ? 'not in time' : `${recoveredMs} ms`
}

function namesText(names: readonly string[]): string {
  return names.length === 0 ? '-' : names.join(', ')
}
