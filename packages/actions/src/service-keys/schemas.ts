import { tokenRevocationKinds } from '@skykeep/core/service-key-views'
import { z } from 'zod'
import { credentialExpiry, credentialName } from '../credential-schemas.ts'

const serviceName = z.string().min(1).max(128).describe('Name of the service.')

export const serviceKeysInput = z.object({ service: serviceName })
export type ServiceKeysInput = z.output<typeof serviceKeysInput>

export const serviceKeyInput = serviceKeysInput.extend({
  name: credentialName('mobile-app').describe(
    'Who uses it: at most 63 small letters, digits, `.`, `_` and `-`.',
  ),
})
export type ServiceKeyInput = z.output<typeof serviceKeyInput>

export const createServiceKeyInput = serviceKeyInput.extend({ expiresInSeconds: credentialExpiry })
export type CreateServiceKeyInput = z.output<typeof createServiceKeyInput>

export const revokeTokensInput = serviceKeysInput.extend({
  kind: z
    .enum(tokenRevocationKinds)
    .describe('`token`: the one with this `jti`. `subject`: all that this `sub` was issued until now.'),
  value: z.string().min(1).max(255).describe('The `jti` or `sub`, letter by letter.'),
})
export type RevokeTokensInput = z.output<typeof revokeTokensInput>
