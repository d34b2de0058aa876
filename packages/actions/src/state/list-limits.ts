import { retentionFields, retentionRanges } from '@skykeep/core/retention'
import type { LimitView } from '@skykeep/core/state-views'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

/** How much of the past is kept, limit by limit. */
export function listLimits({ actor, state }: ActionContext): readonly LimitView[] {
  authorize(actor, 'system:read')
  return retentionFields.map((field) => {
    const { key, meaning, usual } = retentionRanges[field]
    return { key: `retention.${key}`, meaning, value: state.limits[field], usual }
  })
}
