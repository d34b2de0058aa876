import { z } from 'zod'
import { trafficGroups, trafficRanges } from '@skykeep/core/traffic'

export const trafficInput = z.object({
  name: z.string().min(1).max(128),
  /** How far back. */
  range: z.enum(trafficRanges).default('5m'),
  /** What a line stands for. */
  by: z.enum(trafficGroups).default('service'),
})
export type TrafficInput = z.output<typeof trafficInput>
