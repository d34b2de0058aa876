import { z } from 'zod'

const serviceName = z.string().min(1).max(128).describe('Name of the service.')

export const serviceKeysInput = z.object({ service: serviceName })
export type ServiceKeysInput = z.output<typeof serviceKeysInput>

export const serviceKeyInput = serviceKeysInput.extend({
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,62}$/,
      'a name of at most 63 small letters, digits, dots, lines and dashes, as in mobile-app',
    )
    .describe('Who uses it: at most 63 small letters, digits, `.`, `_` and `-`.'),
})
export type ServiceKeyInput = z.output<typeof serviceKeyInput>

/** Ten years. */
const expirySecondsMax = 315_360_000

export const createServiceKeyInput = serviceKeyInput.extend({
  expiresInSeconds: z
    .int()
    .min(1)
    .max(expirySecondsMax)
    .optional()
    .describe('It is refused from then on; absent: it holds until it is revoked.'),
})
export type CreateServiceKeyInput = z.output<typeof createServiceKeyInput>
