import { z } from 'zod'

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
