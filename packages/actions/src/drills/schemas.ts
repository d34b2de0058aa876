import { z } from 'zod'
import { drillTargets } from '@skykeep/core/nouns'
import { serviceNameInput } from '../services/schemas.ts'

const repeatsMax = 20
const countOfKinds = 50
const namesMax = 1000

const drillUid = z.string().min(1).max(128)
const sentence = z.string().max(2000)
const names = z.array(z.string().max(200)).max(namesMax).readonly()
const milliseconds = z.number().min(0).max(86_400_000)

const load = {
  requests: z.int().min(0),
  failed: z
    .record(z.string().min(1).max(100), z.int().min(0))
    .refine((kinds) => Object.keys(kinds).length <= countOfKinds, `at most ${countOfKinds} kinds`),
  repeated: z.int().min(0),
  longestGapMs: milliseconds,
  slowestMs: milliseconds,
}

const round = z.object({
  ...load,
  target: z.enum(drillTargets),
  killedPids: z.array(z.int().min(1)).max(100).readonly(),
  recoveredMs: milliseconds.nullable(),
})

const result = z.object({
  ...load,
  rounds: z.array(round).max(repeatsMax).readonly(),
  adopted: names,
  resumed: names,
  orphans: names,
  unfinished: z.int().min(0),
})

export const startDrillInput = serviceNameInput.extend({
  target: z.enum(drillTargets),
  /** Rounds, 1 to 20. */
  repeats: z.int().min(1).max(repeatsMax).default(1),
  /** A person knows that nothing answers while the only replica is away. */
  isConfirmed: z.boolean().default(false),
})
export type StartDrillInput = z.output<typeof startDrillInput>

export const reportDrillInput = z.object({ uid: drillUid, phase: sentence, result: result.nullable() })
export type ReportDrillInput = z.output<typeof reportDrillInput>

export const finishDrillInput = z.object({
  uid: drillUid,
  status: z.enum(['SUCCEEDED', 'FAILED']),
  reason: sentence,
  result: result.nullable(),
})
export type FinishDrillInput = z.output<typeof finishDrillInput>
