import { z } from 'zod'
import { operationStatuses } from '@skykeep/core/statuses'

export const listOperationsInput = z.object({
  status: z.enum(operationStatuses).optional(),
  /** Matches a part of the target's name or the verb. */
  search: z.string().max(128).optional(),
  cursor: z.string().max(256).nullish(),
  limit: z.int().min(1).max(200).default(50),
})
export type ListOperationsInput = z.output<typeof listOperationsInput>

export const operationUidInput = z.object({ uid: z.string().min(1).max(128) })
export type OperationUidInput = z.output<typeof operationUidInput>
