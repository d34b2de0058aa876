import { z } from 'zod'
import { operationVerbs } from '@skykeep/core/operation-verbs'
import { operationStatuses } from '@skykeep/core/statuses'

export const listOperationsInput = z.object({
  status: z.enum(operationStatuses).optional(),
  /** Matches a part of the target's name or the verb. */
  search: z.string().max(128).optional(),
  verb: z.enum(operationVerbs).optional(),
  /** Name of the service that it is about, whole. */
  service: z.string().min(1).max(128).optional(),
  /** A part of the name of whoever asked. */
  by: z.string().min(1).max(128).optional(),
  /** Asked for at that time or later, ms since the epoch. */
  fromMs: z.int().min(0).optional(),
  /** Asked for before that time, ms since the epoch. */
  untilMs: z.int().min(0).optional(),
  cursor: z.string().max(256).nullish(),
  limit: z.int().min(1).max(200).default(50),
})
export type ListOperationsInput = z.output<typeof listOperationsInput>

export const operationUidInput = z.object({ uid: z.string().min(1).max(128) })
export type OperationUidInput = z.output<typeof operationUidInput>
