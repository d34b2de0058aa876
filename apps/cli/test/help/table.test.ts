import { expect, it } from 'vitest'
import { painter, wantsColours } from '../../src/output/paint.ts'
import { table, type Column } from '../../src/output/table.ts'
import { cut, widthOf } from '../../src/output/width.ts'

interface Row {
  readonly name: string
  readonly url: string
  readonly why: string
}
const columns: readonly Column<Row>[] = [
  { title: 'NAME', cell: ({ name }) => name },
  { title: 'ENDPOINT', cell: ({ url }) => url, isKept: true },
  { title: 'REASON', cell: ({ why }) => why, isFlexible: true },
]
const rows: readonly Row[] = [
  {
    name: 'a'.repeat(60),
    url: 'http://127.0.0.1:30001',
    why: 'a sentence that goes on and on and on and on',
  },
  { name: '模型服务', url: 'http://127.0.0.1:30002', why: 'ready\u001B[2J\nnow' },
]
const drawn = (width: number): readonly string[] =>
  table(rows, columns, { columns: width, paint: painter(true) })

it.each([200, 100, 80, 60, 40, 20])('no line is wider than a terminal of %i columns', (width) => {
  for (const line of drawn(width)) expect(widthOf(line), line).toBeLessThanOrEqual(width)
})

it('addresses are kept whole at 80 columns, names give way; without a terminal nothing is cut', () => {
  expect(drawn(80).join('\n')).toContain('http://127.0.0.1:30001')
  expect(drawn(80).join('\n')).toContain('…')
  expect(drawn(Number.MAX_SAFE_INTEGER).join('\n')).not.toContain('…')
})

it('a wide letter takes two cells, and what a cell holds moves no cursor', () => {
  expect([widthOf('模型'), widthOf('🚀'), widthOf('e\u0301'), cut('模型服务', 5)]).toEqual([4, 2, 1, '模型…'])
  expect(drawn(200).join('\n')).not.toContain('\u001B[2J')
  expect(drawn(200).at(-1)).toMatch(/ready now$/)
})

it('colours: NO_COLOR and --no-color win, FORCE_COLOR is next, else the terminal', () => {
  expect(wantsColours({}, [], true)).toBe(true)
  expect(wantsColours({}, [], false)).toBe(false)
  expect(wantsColours({ TERM: 'dumb' }, [], true)).toBe(false)
  expect(wantsColours({ FORCE_COLOR: '1' }, [], false)).toBe(true)
  expect(wantsColours({ FORCE_COLOR: '0' }, [], true)).toBe(false)
  expect(wantsColours({ FORCE_COLOR: '1', NO_COLOR: '1' }, [], true)).toBe(false)
  expect(wantsColours({ FORCE_COLOR: '1' }, ['status', '--no-color'], true)).toBe(false)
})
