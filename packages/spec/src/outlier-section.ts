import { defaultOutliers, type OutlierSpec } from '@skykeep/core/service-spec'
import type { ProblemList } from './problem.ts'
import { readNumber, type NumberRange } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'

const count = { least: 1, most: 1000, isInteger: true }
const ratio = { least: 0, most: 1, isInteger: false }
const requests = { least: 1, most: 100_000, isInteger: true }
const seconds = { least: 1, most: 3600, isInteger: false }
const percent = { least: 1, most: 50, isInteger: true }

/** `service.load_balancer.outlier_detection`; undefined: none, or it was reported. An empty one is all its defaults. */
export function readOutliers(field: Field | undefined, problems: ProblemList): OutlierSpec | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, 'service.load_balancer.outlier_detection', problems)
  const read = (key: string, range: NumberRange): number | undefined => {
    const given = fields.get(key)
    return given === undefined ? undefined : readNumber(given, range, problems)
  }
  return {
    consecutiveErrors: read('consecutive_errors', count) ?? defaultOutliers.consecutiveErrors,
    maxErrorRatio: read('max_error_ratio', ratio) ?? defaultOutliers.maxErrorRatio,
    minRequests: read('min_requests', requests) ?? defaultOutliers.minRequests,
    intervalSeconds: read('interval_seconds', seconds) ?? defaultOutliers.intervalSeconds,
    ejectionSeconds: read('ejection_seconds', seconds) ?? defaultOutliers.ejectionSeconds,
    maxEjectedPercent: read('max_ejected_percent', percent) ?? defaultOutliers.maxEjectedPercent,
  }
}
