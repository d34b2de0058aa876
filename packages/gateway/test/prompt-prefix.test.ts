import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { maxPromptScanBytes, noPrompt, promptKeyOf, promptUnfinished } from '../src/prompt-prefix.ts'

const keyOf = (body: unknown, prefixBytes = 256): number =>
  promptKeyOf(Buffer.from(typeof body === 'string' ? body : JSON.stringify(body)), prefixBytes)
const chat = (...contents: readonly unknown[]): object => ({
  model: 'm',
  messages: contents.map((content) => ({ role: 'user', content })),
})

describe('the key of a prompt', () => {
  it('is the same for the same beginning, and another one for another', () => {
    const text = 'You are a helpful assistant. '
    expect(keyOf({ prompt: `${text}one` }, 29)).toBe(keyOf({ prompt: `${text}two`, n: 1 }, 29))
    expect(keyOf({ prompt: `${text}one` }, 32)).not.toBe(keyOf({ prompt: `${text}two` }, 32))
    expect(keyOf(chat(text, 'one'), 29)).toBe(keyOf(chat(text, 'two'), 29))
    expect(keyOf(chat(text, 'one'))).not.toBe(keyOf(chat(text, 'two')))
    expect(keyOf(chat(text))).toBe(keyOf({ prompt: text }))
  })

  it('is of what is said: not of roles, names, pictures, white space or the order around it', () => {
    const asked = keyOf(chat('hi'))
    const parts = [
      { type: 'image_url', image_url: { url: 'data:xyz' } },
      { type: 'text', text: 'hi' },
    ]
    const named = [{ content: 'hi', name: 'n', role: 'system' }]
    const others: readonly unknown[] = [
      chat(parts),
      { stream: true, tools: [{ content: 'no', prompt: 'no' }], messages: named },
      '\r\n {"messages" : [ {"content" :\t"hi"} ] , "x": 1}',
      { prompt: 'hi' },
      { prompt: ['h', 'i'] },
    ]
    for (const other of others) expect(keyOf(other)).toBe(asked)
  })

  it('is no key where there is no such text', () => {
    const without = [
      {},
      { prompt: '' },
      { prompt: 5 },
      { prompt: [1, 2] },
      { messages: [] },
      chat(null),
      [],
      'x',
      '[{"prompt": "a"}]',
    ]
    for (const body of without) expect(keyOf(body)).toBe(noPrompt)
    expect(keyOf({ metadata: { prompt: 'hi' } })).toBe(noPrompt)
    expect(keyOf('[['.repeat(100))).toBe(noPrompt)
    expect(keyOf(`{"a":${'['.repeat(100)}`)).toBe(noPrompt)
  })

  it('asks for more until it is decided, and then never says otherwise', () => {
    fc.assert(
      fc.property(
        fc.array(fc.string({ unit: 'grapheme' }), { maxLength: 4 }),
        fc.integer({ min: 1, max: 40 }),
        fc.boolean(),
        (contents, prefixBytes, isChat) => {
          const body = isChat ? chat(...contents) : { a: contents, prompt: contents, b: 1 }
          const bytes = Buffer.from(JSON.stringify(body))
          const found = promptKeyOf(bytes, prefixBytes)
          expect(found).toBe(contents.join('') === '' ? noPrompt : Math.abs(found))
          for (let end = 0; end < bytes.length; end += 1) {
            const early = promptKeyOf(bytes.subarray(0, end), prefixBytes)
            expect([promptUnfinished, found]).toContain(early)
          }
        },
      ),
    )
  })

  it('is looked for in the first 16 KiB, whatever comes', () => {
    const late = { filler: 'x'.repeat(maxPromptScanBytes), prompt: 'hi' }
    expect(keyOf(late)).toBe(noPrompt)
    expect(keyOf({ prompt: 'x'.repeat(maxPromptScanBytes) })).toBe(keyOf({ prompt: 'x'.repeat(300) }))
    fc.assert(
      fc.property(
        fc.uint8Array({ maxLength: 300 }),
        fc.integer({ min: 1, max: 40 }),
        (bytes, prefixBytes) => {
          expect(promptKeyOf(Buffer.from(bytes), prefixBytes)).toBeGreaterThanOrEqual(promptUnfinished)
        },
      ),
    )
  })
})
