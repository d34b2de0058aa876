import { z } from 'zod'

export const tokenNameInput = z.object({
  /** What it is for; small letters, digits, `.`, `_` and `-`. */
  name: z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,62}$/,
      'a name of at most 63 small letters, digits, dots, lines and dashes, as in ci-deploy',
    )
    .describe('What it is for: at most 63 small letters, digits, `.`, `_` and `-`.'),
})
export type TokenNameInput = z.output<typeof tokenNameInput>

/** Ten years. */
const expirySecondsMax = 315_360_000

export const createTokenInput = tokenNameInput.extend({
  expiresInSeconds: z
    .int()
    .min(1)
    .max(expirySecondsMax)
    .optional()
    .describe('It is refused from then on; absent: it holds until it is revoked.'),
})
export type CreateTokenInput = z.output<typeof createTokenInput>

/** Of the command line on the control plane's machine. */
export const localTokenName = 'local'
