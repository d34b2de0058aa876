import { SkykeepError } from '@skykeep/core/errors'

/**
 * The body of a request as text (UTF-8), '' without one. Counts while it streams and keeps no more than the limit in memory, whatever
 * length was declared. Throws TOO_LARGE for a longer body, whose rest is not read, and INVALID_INPUT for one that breaks off.
 */
export async function boundedText(request: Request, maxBytes: number): Promise<string> {
  if (request.body === null) return ''
  const reader = request.body.getReader()
  const decoder = new TextDecoder()
  let text = ''
  let bytes = 0
  for (;;) {
    const { done, value } = await reader.read().catch(brokeOff)
    if (done) return text + decoder.decode()
    bytes += value.byteLength
    if (bytes > maxBytes) {
      // Its outcome changes nothing: the request is refused either way.
      reader.cancel().catch(() => undefined)
      throw new SkykeepError('TOO_LARGE', `the body has more than ${maxBytes} bytes`, {
        userMessage: `The request is too long: at most ${maxBytes} bytes are read.`,
      })
    }
    text += decoder.decode(value, { stream: true })
  }
}

function brokeOff(cause: unknown): never {
  throw new SkykeepError('INVALID_INPUT', 'the body broke off', { cause })
}
