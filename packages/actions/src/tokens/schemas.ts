import { z } from 'zod'
import { credentialExpiry, credentialName } from '../credential-schemas.ts'

export const tokenNameInput = z.object({
  name: credentialName('ci-deploy').describe(
    'What it is for: at most 63 small letters, digits, `.`, `_` and `-`.',
  ),
})
export type TokenNameInput = z.output<typeof tokenNameInput>

export const createTokenInput = tokenNameInput.extend({ expiresInSeconds: credentialExpiry })
export type CreateTokenInput = z.output<typeof createTokenInput>

/** Of the command line on the control plane's machine. */
export const localTokenName = 'local'
