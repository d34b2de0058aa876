import { z } from 'zod'
import { eventSeverities } from '@skykeep/core/event-severity'
import { eventTypes } from '@skykeep/core/events'
import { kinds } from '@skykeep/core/statuses'
import { unknownWord } from '@skykeep/spec/suggest'

/** Some of the types of events; an unknown one is refused with those that are near. */
const typesInput = z
  .array(
    z.enum(eventTypes, {
      error: ({ input }) => unknownWord('event type', String(input), eventTypes),
    }),
  )
  .min(1)
  .max(eventTypes.length)

export const listEventsInput = z.object({
  service: z.string().min(1).max(128).optional(),
  kind: z.enum([...kinds, 'system']).optional(),
  uid: z.string().min(1).max(128).optional(),
  /** Any of these. */
  type: typesInput.optional(),
  /** uid of the operation, or `event-NUMBER`, that caused it. */
  cause: z.string().min(1).max(128).optional(),
  /** A part of a person's name; `controller` for what nobody asked for by hand. */
  by: z.string().min(1).max(128).optional(),
  severity: z.enum(eventSeverities).optional(),
  /** A part of the message, the reason or the service's name. */
  search: z.string().min(1).max(128).optional(),
  /** At that time or later, ms since the epoch. */
  fromMs: z.int().min(0).optional(),
  /** Before that time, ms since the epoch. */
  untilMs: z.int().min(0).optional(),
  /** Only events with a higher number, oldest first. */
  afterSeq: z.int().min(0).optional(),
  /** Only events with a lower number, newest first. */
  beforeSeq: z.int().min(0).optional(),
  limit: z.int().min(1).max(200).default(50),
})
export type ListEventsInput = z.output<typeof listEventsInput>

export const exportFormats = ['jsonl', 'csv'] as const
export const exportEventsInput = listEventsInput
  .omit({ afterSeq: true, beforeSeq: true, limit: true })
  .extend({ format: z.enum(exportFormats) })
export type ExportEventsInput = z.output<typeof exportEventsInput>

export const eventSeqInput = z.object({ seq: z.int().min(1) })
export type EventSeqInput = z.output<typeof eventSeqInput>

/** A moment, ms since the epoch. */
export const stateAtInput = z.object({ atMs: z.int().min(0).max(8.64e15) })
export type StateAtInput = z.output<typeof stateAtInput>

export const watchEventsInput = z.object({
  /** Number of the last event seen; absent: from now on. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
  /** Only events of this service. */
  service: z.string().min(1).max(128).optional(),
  kind: z.enum([...kinds, 'system']).optional(),
  /** Any of these. */
  type: typesInput.optional(),
})
export type WatchEventsInput = z.output<typeof watchEventsInput>
