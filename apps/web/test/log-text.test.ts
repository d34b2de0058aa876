import { assert, property, string } from 'fast-check'
import { expect, it } from 'vitest'
import { linesOf, piecesOf } from '../src/format/log-text.ts'

it('drops colours, links and what a progress bar wrote over', () => {
  expect(linesOf('\u001b[32mok\u001b[0m\r\n10%\r50%\r100%\nend')).toEqual(['ok', '100%', 'end'])
  expect(linesOf('\u001b]8;;http://x\u0007link\u001b]8;;\u0007\n')).toEqual(['link'])
  expect(linesOf('')).toEqual([])
  expect(linesOf('a\n\nb')).toEqual(['a', '', 'b'])
})

it('marks every occurrence, whatever its case', () => {
  expect(piecesOf('Error: an error', 'ERROR')).toEqual([
    { text: 'Error', isMatch: true, at: 0 },
    { text: ': an ', isMatch: false, at: 5 },
    { text: 'error', isMatch: true, at: 10 },
  ])
})

it('never loses or changes a letter of the line', () => {
  assert(
    property(string({ unit: 'grapheme' }), string(), (line, needle) => {
      expect(
        piecesOf(line, needle)
          .map((piece) => piece.text)
          .join(''),
      ).toBe(line)
    }),
  )
})
