import { SkykeepError } from '@skykeep/core/errors'

/** Throws UNSUPPORTED for a header that asks for a promise which is not kept: it must not be passed over. */
export function refuseUnsupported(headers: Headers): void {
  for (const name of unsupportedHeaders) {
    if (!headers.has(name)) continue
    throw new SkykeepError('UNSUPPORTED', `${name} is not supported`, {
      userMessage: `The header ${name} is not supported.`,
      hint: 'Leave it out. A change that another one overtook answers 409 CONFLICT.',
    })
  }
}

const unsupportedHeaders = ['If-Match', 'If-Unmodified-Since'] as const
