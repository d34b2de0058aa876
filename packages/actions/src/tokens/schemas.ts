import { z } from 'zod'
import { credentialExpiry, credentialName } from '../credential-schemas.ts'

/** Of the command line on the control plane's machine. */
export const localTokenName = 'local'

export const tokenNameInput = z.object({
  name: credentialName('ci-deploy').meta({
    description: 'What it is for: at most 63 small letters, digits, `.`, `_` and `-`; not `local`.',
    // The action refuses it, and says why.
    not: { const: localTokenName },
  }),
})
export type TokenNameInput = z.output<typeof tokenNameInput>

export const createTokenInput = tokenNameInput.extend({ expiresInSeconds: credentialExpiry })
export type CreateTokenInput = z.output<typeof createTokenInput>
