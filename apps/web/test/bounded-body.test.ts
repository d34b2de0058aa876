import { describe, expect, it } from 'vitest'
import { boundedText } from '../src/server/bounded-body.ts'

const requestWith = (body: BodyInit | null): Request => {
  // Node asks for `duplex` with a stream, which the browser's types do not know.
  const init = { method: 'POST', body, duplex: 'half' }
  return new Request('http://127.0.0.1:46580/api/sign-in', init)
}

describe('a bounded body', () => {
  it.each([
    ['none', null, ''],
    ['an empty one', '', ''],
    ['one as long as the limit', '12345678', '12345678'],
    ['characters of several bytes', 'äöü€'.slice(0, 3), 'äöü'],
  ])('reads %s', async (_name, body, expected) => {
    expect(await boundedText(requestWith(body), 8)).toBe(expected)
  })

  it('joins a character that came in two pieces', async () => {
    const [first, ...rest] = new TextEncoder().encode('€')
    const body = new ReadableStream<Uint8Array>({
      start(controller) {
        controller.enqueue(Uint8Array.of(first ?? 0))
        controller.enqueue(Uint8Array.from(rest))
        controller.close()
      },
    })
    expect(await boundedText(requestWith(body), 3)).toBe('€')
  })

  it('counts bytes, not characters, and names the limit', async () => {
    await expect(boundedText(requestWith('€€€'), 8)).rejects.toMatchObject({
      code: 'TOO_LARGE',
      userMessage: expect.stringContaining('8 bytes'),
    })
  })

  it('ends a stream without end soon after the limit', async () => {
    let pieces = 0
    let isCancelled = false
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        pieces += 1
        controller.enqueue(new Uint8Array(1024))
      },
      cancel() {
        isCancelled = true
      },
    })
    await expect(boundedText(requestWith(body), 4096)).rejects.toMatchObject({ code: 'TOO_LARGE' })
    expect(isCancelled).toBe(true)
    expect(pieces).toBeLessThan(10)
  })

  it('is refused when it breaks off', async () => {
    const body = new ReadableStream<Uint8Array>({
      pull(controller) {
        controller.error(new Error('connection lost'))
      },
    })
    await expect(boundedText(requestWith(body), 8)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
  })
})
