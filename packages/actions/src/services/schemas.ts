import { z } from 'zod'
import { updateModes, weekdays } from '@skykeep/core/service-spec'
import { serviceSorts } from '@skykeep/core/traffic'
import { serviceStatuses } from '@skykeep/core/statuses'

/** A name as people write it; what makes a good one is decided by `@skykeep/spec`. */
const serviceName = z.string().min(1).max(128)
const pageSize = z.int().min(1).max(200).default(50)
const variables = z.record(z.string().min(1).max(256), z.string().max(65_536))

export const listServicesInput = z.object({
  /** Matches a part of the name. */
  search: z.string().max(128).optional(),
  status: z.enum([...serviceStatuses, 'CONTROLLER_FAILED']).optional(),
  /** Highest first, but for `name`; absent: newest first. */
  sort: z.enum(serviceSorts).optional(),
  cursor: z.string().max(256).nullish(),
  limit: pageSize,
})
export type ListServicesInput = z.output<typeof listServicesInput>

export const serviceNameInput = z.object({ name: serviceName })
export type ServiceNameInput = z.output<typeof serviceNameInput>

export const checkServiceInput = z.object({
  yaml: z.string().max(1_048_576),
  name: serviceName.optional(),
  envs: variables.optional(),
  secrets: variables.optional(),
})
export type CheckServiceInput = z.output<typeof checkServiceInput>

const files = {
  /** From `POST /api/uploads`; absent: an empty working folder. */
  uploadId: z.string().min(1).max(128).optional(),
  /** PEM texts of the files that `service.tls` names. */
  tls: z.object({ certificate: z.string().max(1_048_576), key: z.string().max(65_536) }).optional(),
}

export const upServiceInput = checkServiceInput.extend(files)
export type UpServiceInput = z.output<typeof upServiceInput>

const seconds = z.number().min(0).max(86_400)
const updateMode = z.enum(updateModes)

/** What a person says of one update; it wins over the `update` of the YAML. */
const policyWish = z.object({
  mode: updateMode.optional(),
  maxSurge: z.int().min(1).max(100).optional(),
  minReadySeconds: seconds.optional(),
  progressDeadlineSeconds: seconds.min(1).optional(),
  isAutomaticRollback: z.boolean().optional(),
  canary: z
    .object({
      /** Rising. */
      stepPercents: z
        .array(z.number().min(1).max(99))
        .min(1)
        .max(20)
        // The action says which of them does not rise.
        .meta({ description: 'Rising, as 10, 50.', uniqueItems: true })
        .optional(),
      bakeSeconds: seconds.optional(),
      minRequests: z.int().min(0).max(1_000_000).optional(),
      maxErrorRatio: z.number().min(0).max(1).optional(),
      maxLatencyRatio: z.number().min(1).max(1000).optional(),
    })
    .optional(),
})

/** `name` is the service; the YAML must be its. */
export const updateServiceInput = upServiceInput.extend({
  name: serviceName,
  policy: policyWish.optional(),
  /** True: a YAML that names a working folder gets the files of the version that it is compared with; an upload wins. */
  isWorkdirKept: z.boolean().optional(),
})
export type UpdateServiceInput = z.output<typeof updateServiceInput>

export const diffServiceInput = updateServiceInput.extend({
  /** True: the upload stays for the update that follows. */
  isUploadKept: z.boolean().default(false),
})
export type DiffServiceInput = z.output<typeof diffServiceInput>

export const rollbackServiceInput = z.object({
  name: serviceName,
  /** Absent: the newest one before the wanted one that was rolled out to its end. */
  to: z.int().min(1).optional(),
  policy: policyWish.optional(),
})
export type RollbackServiceInput = z.output<typeof rollbackServiceInput>

export const holdRolloutInput = z.object({
  name: serviceName,
  /** False: it goes on. */
  isHeld: z.boolean(),
})
export type HoldRolloutInput = z.output<typeof holdRolloutInput>

export const compareVersionsInput = z.object({
  name: serviceName,
  from: z.int().min(1),
  to: z.int().min(1),
})
export type CompareVersionsInput = z.output<typeof compareVersionsInput>

const timeOfDay = z.string().regex(/^(?:[01]\d|2[0-3]):[0-5]\d$/, 'a time of day is written as 07:30')

export const setScheduleInput = z.object({
  name: serviceName,
  /** Null: that of the YAML again; without off-hours: none at all. */
  schedule: z
    .object({
      timeZone: z.string().min(1).max(64),
      offHours: z
        .array(
          z.object({
            days: z.array(z.enum(weekdays)).min(1).max(7).readonly(),
            from: timeOfDay,
            to: timeOfDay,
          }),
        )
        .max(50)
        .readonly(),
      replicas: z.int().min(0).max(100).default(0),
      warmUpMinutes: z.int().min(0).max(120).default(0),
    })
    .nullable(),
})
export type SetScheduleInput = z.output<typeof setScheduleInput>

export const terminateReplicaInput = z.object({ name: serviceName, replicaId: z.int().min(1) })
export type TerminateReplicaInput = z.output<typeof terminateReplicaInput>
