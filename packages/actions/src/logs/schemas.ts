import { z } from 'zod'
import { cursorForm, processCursorForm } from './log-cursor.ts'

/** Most bytes that one answer carries. */
export const logChunkBytesMax = 262_144

const replicaLog = z.object({
  service: z.string().min(1).max(128),
  replicaId: z.int().min(1),
  /** Global byte offset to start at. */
  offset: z.int().min(0).optional(),
  /** Start this many bytes before the end; `offset` wins. */
  tailBytes: z.int().min(0).max(16_777_216).optional(),
})

export const readLogInput = replicaLog.extend({
  limitBytes: z.int().min(16).max(logChunkBytesMax).default(65_536),
})
export type ReadLogInput = z.output<typeof readLogInput>

export const followLogInput = replicaLog.extend({
  /** Set by the client's stream when it reconnects: the offset to go on from. */
  lastEventId: z
    .string()
    .regex(/^\d{1,15}$/)
    .nullish(),
})
export type FollowLogInput = z.output<typeof followLogInput>

const lines = z.object({
  service: z.string().min(1).max(128),
  /** Absent: every replica that lives or is remembered. */
  replicaIds: z.array(z.int().min(1)).min(1).max(200).optional(),
  /** Only what came after; ms since the epoch. */
  sinceMs: z.int().min(0).optional(),
  untilMs: z.int().min(0).optional(),
  /** Only the last so many lines of all together; not with a cursor. */
  tailLines: z.int().min(1).max(10_000).optional(),
})

export const readLinesInput = lines.extend({
  cursor: z.string().max(32_768).regex(cursorForm).optional(),
  /** Only lines with this text, letter case ignored; not with `tailLines`. */
  contains: z.string().min(1).max(256).optional(),
  limitLines: z.int().min(1).max(10_000).default(2000),
})
export type ReadLinesInput = z.output<typeof readLinesInput>

export const followLinesInput = lines.omit({ untilMs: true }).extend({
  /** Set by the client's stream when it reconnects: the cursor to go on from. */
  lastEventId: z.string().max(32_768).regex(cursorForm).nullish(),
})
export type FollowLinesInput = z.output<typeof followLinesInput>

/** Whose lines about a service are read: its controller's, or those of the gateway in front of it. */
export const processParts = ['controller', 'load-balancer'] as const

export const readProcessLinesInput = z.object({
  service: z.string().min(1).max(128),
  part: z.enum(processParts),
  sinceMs: z.int().min(0).optional(),
  untilMs: z.int().min(0).optional(),
  tailLines: z.int().min(1).max(10_000).default(1000),
})
export type ReadProcessLinesInput = z.output<typeof readProcessLinesInput>

export const followProcessLinesInput = readProcessLinesInput.omit({ untilMs: true }).extend({
  /** Set by the client's stream when it reconnects: the cursor to go on from. */
  lastEventId: z.string().max(4096).regex(processCursorForm).nullish(),
})
export type FollowProcessLinesInput = z.output<typeof followProcessLinesInput>
