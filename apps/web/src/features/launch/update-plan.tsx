import type { DiffView, ServiceCheckView } from '@skykeep/core/views'
import { Card } from '#src/components/ui/card.tsx'
import { DataTable, type Column } from '#src/components/ui/data-table.tsx'
import { plural } from '#src/format/quantity.ts'
import { DiffLines } from '../versions/diff-lines.tsx'
import { LaunchProblem } from './launch-problem.tsx'
import { useDiff, type Wish } from './use-launch.ts'

type Change = DiffView['changes'][number]

const columns: readonly Column<Change>[] = [
  { id: 'path', header: 'Setting', cell: ({ path }) => <span className="font-mono break-all">{path}</span> },
  { id: 'before', header: 'Before', cell: ({ before }) => valueText(before) },
  { id: 'after', header: 'After', cell: ({ after }) => valueText(after) },
  { id: 'effect', header: 'Replicas', cell: (change) => (change.replacesReplicas ? 'Replaced' : 'Kept') },
]

/** What an update of the living service would change, and which replicas go on. */
export function UpdatePlan({
  wish,
  check,
  isOld,
}: {
  readonly wish: Wish
  readonly check: ServiceCheckView
  /** True while the newest text is with the parser. */
  readonly isOld: boolean
}) {
  const diff = useDiff(wish, check, isOld)
  const name = check.spec?.name ?? ''
  if (diff.data === undefined) {
    return diff.isError ? (
      <LaunchProblem error={diff.error} kept={`${name} goes on as it is.`} />
    ) : (
      <div className="skeleton h-40" />
    )
  }
  const { changes, fromVersion, isDifferent, warnings, yaml } = diff.data
  return (
    <Card title={`An update of ${name}`} note={`from version ${fromVersion}`} isFlush>
      <p className="px-4 py-3">{effectText(diff.data)}</p>
      {warnings.map((warning) => (
        <p key={warning} className="px-4 pb-3 text-warn">
          {warning}
        </p>
      ))}
      {diff.isError ? (
        <div className="px-4 pb-3">
          <LaunchProblem error={diff.error} kept="This is what the last text would have changed." />
        </div>
      ) : null}
      {changes.length === 0 ? null : (
        <div className="border-t border-line">
          <DataTable label="Changes" columns={columns} rows={changes} rowKey={({ path }) => path} />
        </div>
      )}
      {isDifferent ? (
        <details className="border-t border-line">
          <summary className="px-4 py-2 font-medium">Lines of the YAML</summary>
          <DiffLines text={yaml} />
        </details>
      ) : null}
    </Card>
  )
}

const modeWords: Readonly<Record<DiffView['mode'], string>> = {
  rolling: 'replica by replica',
  blue_green: 'all at once, when the new ones are ready',
  canary: 'in steps that the new version must pass',
}

function effectText({ isDifferent, keptReplicas, keepsReplicas, mode, replacedReplicas }: DiffView): string {
  if (!isDifferent) return 'Nothing is different: an update would change nothing.'
  if (keepsReplicas) return `Only settings change: all ${plural(keptReplicas, 'replica')} are kept.`
  const kept = keptReplicas === 0 ? '' : ` ${plural(keptReplicas, 'replica')} run the same task and are kept.`
  return `${plural(replacedReplicas, 'replica')} would be replaced, ${modeWords[mode]}.${kept}`
}

function valueText(text: string | null) {
  return text === null ? null : <span className="line-clamp-4 font-mono break-all">{text}</span>
}
