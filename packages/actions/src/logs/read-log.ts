import type { LogChunk } from '@skykeep/core/views'
import { SkykeepError } from '@skykeep/core/errors'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import type { ReadLogInput } from './schemas.ts'

export async function readLog(context: ActionContext, _input: ReadLogInput): Promise<LogChunk> {
  authorize(context.actor, 'log:read')
  throw new SkykeepError('UNAVAILABLE', 'not there yet')
}
