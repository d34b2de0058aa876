import type { HedgeSpec } from '@skykeep/core/service-spec'
import type { ProblemList } from './problem.ts'
import { reportKey } from './report.ts'
import { readNumber } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'

const seconds = { least: 0.001, most: 300, isInteger: false }
const percent = { least: 50, most: 99.9, isInteger: false }

/** `service.load_balancer.hedge`; undefined: none, or it was reported. */
export function readHedge(field: Field | undefined, problems: ProblemList): HedgeSpec | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (field === undefined || map === undefined) return undefined
  const fields = readSection(map, 'service.load_balancer.hedge', problems)
  const after = fields.get('after_seconds')
  const of = fields.get('percentile')
  const hint = 'Write for example `hedge: {percentile: 95}`.'
  if (after === undefined && of === undefined) {
    const message = '`hedge` needs `after_seconds` or `percentile`: when a second replica is asked'
    reportKey(field, { message, hint }, problems)
    return undefined
  }
  if (after !== undefined && of !== undefined) {
    const message = '`hedge` takes `after_seconds` or `percentile`, not both'
    reportKey(of, { message, hint: 'Remove one of them.' }, problems)
    return undefined
  }
  const afterSeconds = after === undefined ? undefined : readNumber(after, seconds, problems)
  const percentile = of === undefined ? undefined : readNumber(of, percent, problems)
  if (afterSeconds !== undefined) return { afterSeconds }
  return percentile === undefined ? undefined : { percentile }
}
