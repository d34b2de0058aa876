import { z } from 'zod'
import { triedLimits, triedMethods } from '@skykeep/core/tried-request'

/** Fields that belong to the connection and not to the request, and cookies: the dashboard's must go to no workload. */
const ownFields = new Set([
  'connection',
  'content-length',
  'cookie',
  'expect',
  'host',
  'http2-settings',
  'keep-alive',
  'proxy-authorization',
  'proxy-connection',
  'te',
  'trailer',
  'transfer-encoding',
  'upgrade',
  'x-skykeep-replica',
])

const header = z.object({
  name: z
    .string()
    .regex(/^[!#$%&'*+.^_`|~0-9A-Za-z-]{1,128}$/, 'a header name is letters, digits and hyphens')
    .refine((name) => !ownFields.has(name.toLowerCase().replaceAll('_', '-')), {
      message: 'this header is set by Skykeep, or is sent to no service: leave it out',
    }),
  value: z
    .string()
    .max(8_192)
    .regex(/^[\t\u0020-\u007e\u0080-\u00ff]*$/, 'a header value is one line of printable text'),
})

export const tryRequestInput = z.object({
  name: z.string().min(1).max(128),
  method: z.enum(triedMethods).default('GET'),
  /** Of the service's own endpoint, with its query: never another place. */
  path: z
    .string()
    .max(triedLimits.pathMax)
    .regex(/^\/[\u0021-\u007e]*$/, 'a path begins with / and has no spaces: write %20 for one')
    .default('/'),
  headers: z.array(header).max(triedLimits.headersMax).default([]),
  body: z.string().max(triedLimits.bodyMax).default(''),
})
export type TryRequestInput = z.output<typeof tryRequestInput>
