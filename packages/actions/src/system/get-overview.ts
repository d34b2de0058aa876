import type { OverviewView } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'

export async function getOverview(context: ActionContext): Promise<OverviewView> {
  authorize(context.actor, 'system:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
