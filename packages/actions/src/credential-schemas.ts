import { z } from 'zod'

/** The name of something that is shown to be let in; small letters, digits, `.`, `_` and `-`. @param example for who gave a bad one. */
export function credentialName(example: string): z.ZodString {
  return z
    .string()
    .regex(
      /^[a-z0-9][a-z0-9._-]{0,62}$/,
      `a name of at most 63 small letters, digits, dots, lines and dashes, as in ${example}`,
    )
}

/** Ten years. */
const expirySecondsMax = 315_360_000

export const credentialExpiry = z
  .int()
  .min(1)
  .max(expirySecondsMax)
  .optional()
  .describe('It is refused from then on; absent: it holds until it is revoked.')
