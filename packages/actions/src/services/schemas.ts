import { z } from 'zod'
import { serviceStatuses } from '@skykeep/core/statuses'

/** A name as people write it; what makes a good one is decided by `@skykeep/spec`. */
const serviceName = z.string().min(1).max(128)
const pageSize = z.int().min(1).max(200).default(50)
const variables = z.record(z.string().min(1).max(256), z.string().max(65_536))

export const listServicesInput = z.object({
  /** Matches a part of the name. */
  search: z.string().max(128).optional(),
  status: z.enum([...serviceStatuses, 'CONTROLLER_FAILED']).optional(),
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

export const upServiceInput = checkServiceInput.extend({
  /** From `POST /api/uploads`; absent: an empty working folder. */
  uploadId: z.string().min(1).max(128).optional(),
})
export type UpServiceInput = z.output<typeof upServiceInput>
