import { z } from 'zod'
import { eventTypes } from '@skykeep/core/events'
import { kinds } from '@skykeep/core/statuses'

export const listEventsInput = z.object({
  service: z.string().min(1).max(128).optional(),
  kind: z.enum([...kinds, 'system']).optional(),
  uid: z.string().min(1).max(128).optional(),
  type: z.enum(eventTypes).optional(),
  /** Only events with a higher number, oldest first. */
  afterSeq: z.int().min(0).optional(),
  /** Only events with a lower number, newest first. */
  beforeSeq: z.int().min(0).optional(),
  limit: z.int().min(1).max(200).default(50),
})
export type ListEventsInput = z.output<typeof listEventsInput>

export const watchEventsInput = z.object({
  /** Number of the last event seen; absent: from now on. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
  /** Only events of this service. */
  service: z.string().min(1).max(128).optional(),
  kind: z.enum([...kinds, 'system']).optional(),
})
export type WatchEventsInput = z.output<typeof watchEventsInput>
