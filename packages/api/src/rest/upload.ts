import { receiveUpload } from '@skykeep/actions/uploads/receive-upload'
import { SkykeepError } from '@skykeep/core/errors'
import type { ApiContext } from '../trpc.ts'

/** What a file is sent as; anything else is refused rather than guessed at. */
const mediaTypes = ['application/gzip', 'application/x-gzip', 'application/x-tar', 'application/octet-stream']

/** Stores the body as a packed working folder, as it comes. Throws INVALID_INPUT, UNSUPPORTED_MEDIA_TYPE, and what the action throws. */
export async function takeUpload(
  { services }: ApiContext,
  actor: NonNullable<ApiContext['actor']>,
  { headers, body }: { readonly headers: Headers; readonly body: AsyncIterable<Uint8Array> | null },
): Promise<{ readonly uploadId: string }> {
  const type = headers.get('content-type')?.split(';')[0]?.trim().toLowerCase() ?? ''
  if (type !== '' && !mediaTypes.includes(type)) {
    throw new SkykeepError('UNSUPPORTED_MEDIA_TYPE', `an upload as ${type}`, {
      userMessage: `An upload is no ${type}.`,
      hint: `Send a tar, packed with gzip or not, as ${mediaTypes[0]}.`,
    })
  }
  return await receiveUpload({ ...services, actor }, someOf(body ?? []))
}

/** The same, refused where nothing comes: a request may have a body of no bytes. */
async function* someOf(body: AsyncIterable<Uint8Array> | Iterable<Uint8Array>): AsyncGenerator<Uint8Array> {
  let isEmpty = true
  for await (const chunk of body) {
    isEmpty &&= chunk.byteLength === 0
    yield chunk
  }
  if (isEmpty)
    throw new SkykeepError('INVALID_INPUT', 'upload without a body', { userMessage: 'The upload is empty.' })
}
