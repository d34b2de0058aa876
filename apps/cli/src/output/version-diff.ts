import type { DiffChange, DiffView, VersionDiffView } from '@skykeep/core/views'
import type { Terminal } from './terminal.ts'

/** What an update would change: the YAML line by line, each change by its meaning, and what becomes of the replicas. */
export function showDiff(terminal: Terminal, name: string, diff: DiffView): void {
  for (const warning of diff.warnings) terminal.note(`warning ${warning}`)
  if (!diff.isDifferent) {
    terminal.print(`${name}  nothing is different from version ${diff.fromVersion}`)
    return
  }
  showChanges(terminal, diff)
  terminal.print(`${name}  ${fateOf(diff)}`)
}

/** The same between two versions that exist. */
export function showVersionDiff(terminal: Terminal, name: string, diff: VersionDiffView): void {
  const between = `version ${diff.fromVersion} and version ${diff.toVersion}`
  if (!diff.isDifferent) {
    terminal.print(`${name}  nothing is different between ${between}`)
    return
  }
  showChanges(terminal, diff)
  terminal.print(`${name}  replicas of ${between} ${diff.keepsReplicas ? 'are' : 'are not'} interchangeable`)
}

function showChanges(terminal: Terminal, diff: Pick<DiffView, 'yaml' | 'changes'>): void {
  for (const line of diff.yaml.trimEnd().split('\n'))
    if (line !== '') terminal.print(coloured(terminal, line))
  if (diff.yaml !== '') terminal.print('')
  terminal.table(diff.changes, [
    { title: 'CHANGED', cell: ({ path }) => path },
    { title: 'REPLICAS', cell: ({ replacesReplicas }) => (replacesReplicas ? 'replaced' : 'kept') },
    { title: 'BEFORE → AFTER', cell: changeOf, isFlexible: true },
  ])
  if (diff.changes.length > 0) terminal.print('')
}

const shownCharacters = 60

/** Long texts are cut: the YAML above has them whole. */
function changeOf({ before, after }: DiffChange): string {
  const shown = (json: string | null): string =>
    json === null ? 'none' : json.length > shownCharacters ? `${json.slice(0, shownCharacters)}…` : json
  return `${shown(before)} → ${shown(after)}`
}

/** `keeps all 3 replicas`, `replaces 2 replicas, rolling, and keeps 1`. */
function fateOf({ keptReplicas, replacedReplicas, mode, keepsReplicas }: DiffView): string {
  const count = (replicas: number): string => `${replicas} ${replicas === 1 ? 'replica' : 'replicas'}`
  if (keptReplicas + replacedReplicas === 0)
    return keepsReplicas ? 'changes settings only; no replica runs now' : 'no replica runs now'
  if (replacedReplicas === 0) return `keeps all ${count(keptReplicas)}`
  const rest = keptReplicas === 0 ? '' : `, and keeps ${keptReplicas}`
  return `replaces ${count(replacedReplicas)}, ${mode.replace('_', '-')}${rest}`
}

function coloured({ paint }: Terminal, line: string): string {
  if (line.startsWith('@@')) return paint('blue', line)
  if (line.startsWith('---') || line.startsWith('+++')) return paint('bold', line)
  if (line.startsWith('-')) return paint('red', line)
  return line.startsWith('+') ? paint('green', line) : line
}
