import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkScanner } from '../src/chunk-scanner.ts'

function scanAll(text: string): string {
  const scanner = new ChunkScanner()
  const bytes = Buffer.from(text, 'latin1')
  return `${scanner.scan(bytes, 0, bytes.length)} ${scanner.position}`
}

describe('chunked bodies', () => {
  it.each([
    ['0\r\n\r\n', 5],
    ['3\r\nabc\r\n0\r\n\r\n', 13],
    ['3;name=value;x="y z"\r\nabc\r\n0;last\r\n\r\n', 37],
    ['0\r\nGrpc-Status: 0\r\nX: \r\n\r\nGET', 26],
    ['a\r\n0123456789\r\n0\r\n\r\n', 20],
    ['00003\r\nabc\r\n000\r\n\r\n', 19],
  ])('end of %j', (text, end) => {
    expect(scanAll(text)).toBe(`end ${end}`)
  })

  it.each([
    'x\r\n',
    '\r\n',
    ' 3\r\nabc',
    '3 \r\nabc',
    '3\nabc',
    '3\r\nabcd\r\n',
    '3\r\nabc\n0',
    '-1\r\n',
    '+3\r\n',
    '0x3\r\n',
    '3;a\nb\r\nabc',
    '3;a\rb\r\nabc',
    '3;a\0b\r\n',
    `3;${'e'.repeat(300)}\r\n`,
    '1000000000000f\r\n',
    '0\r\n folded: x\r\n',
    '0\r\nContent-Length: 5\r\n\r\n',
    '0\r\ntransfer_encoding: x\r\n\r\n',
    '0\r\nX : y\r\n\r\n',
    '0\r\nHost: a\r\n\r\n',
    '0\r\nSet-Cookie: skykeep_session=x\r\n\r\n',
    '0\r\nClear-Site-Data: "*"\r\n\r\n',
    '0\r\nForwarded: for=x\r\n\r\n',
    '0\r\nProxy-Authorization: x\r\n\r\n',
    '0\r\nX_Skykeep_Replica: 1\r\n\r\n',
    '0\r\n\n',
    '0\r\nX: a\nb\r\n\r\n',
    '3\rabc',
    '3 ;a\r\n',
    '3,3\r\n',
    `0\r\nX: ${'y'.repeat(9000)}\r\n\r\n`,
  ])('refuses %j', (text) => {
    expect(scanAll(text)).toMatch(/^malformed/)
  })

  it('finds the same end and the same bytes however the stream is cut', () => {
    const chunk = fc.uint8Array({ minLength: 1, maxLength: 40 })
    fc.assert(
      fc.property(
        fc.array(chunk, { maxLength: 6 }),
        fc.array(fc.integer({ min: 1, max: 9 })),
        (chunks, cuts) => {
          const framed = chunks.map((body) => {
            return Buffer.concat([
              Buffer.from(`${body.length.toString(16)};e=1\r\n`),
              body,
              Buffer.from('\r\n'),
            ])
          })
          const stream = Buffer.concat([...framed, Buffer.from('0\r\nT: v\r\n\r\n')])
          const found: Buffer[] = []
          const scanner = new ChunkScanner((bytes, from, to) =>
            found.push(Buffer.from(bytes.subarray(from, to))),
          )
          let at = 0
          let result = 'more'
          for (let i = 0; result === 'more' && at < stream.length; i += 1) {
            const piece = stream.subarray(at, at + (cuts[i % Math.max(1, cuts.length)] ?? stream.length))
            result = scanner.scan(piece, 0, piece.length)
            at += scanner.position
          }
          expect(result).toBe('end')
          expect(at).toBe(stream.length)
          expect(Buffer.concat(found)).toEqual(Buffer.concat(chunks))
        },
      ),
    )
  })

  it('never throws on garbage, and never takes more than it was given', () => {
    fc.assert(
      fc.property(fc.uint8Array({ maxLength: 200 }), (garbage) => {
        const scanner = new ChunkScanner()
        const result = scanner.scan(Buffer.from(garbage), 0, garbage.length)
        expect(result === 'malformed' || scanner.position <= garbage.length).toBe(true)
      }),
    )
  })
})
