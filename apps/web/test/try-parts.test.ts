import { describe, expect, it } from 'vitest'
import { curlOf } from '../src/features/try/curl.ts'
import { parseHeaderLines } from '../src/features/try/header-lines.ts'
import { LineCutter, started, withPart } from '../src/features/try/tried.ts'
import { momentOf } from '../src/features/logs/log-place.ts'
import { marksOf } from '../src/features/traffic/marks.ts'

describe('a tried request on the page', () => {
  it('headers are read a line each; a line that is none is named', () => {
    expect(parseHeaderLines(' A: b:c \n\n  X-Y:z')).toEqual({
      headers: [
        { name: 'A', value: 'b:c' },
        { name: 'X-Y', value: 'z' },
      ],
    })
    expect(parseHeaderLines('')).toEqual({ headers: [] })
    for (const line of ['nothing', ': value']) expect(parseHeaderLines(line)).toHaveProperty('wrong')
  })

  it('pieces of lines become whole lines, and parts what is known', () => {
    const cutter = new LineCutter()
    expect(cutter.take('{"a":')).toEqual([])
    expect(cutter.take('1}\n{"b":2}\n{')).toEqual(['{"a":1}', '{"b":2}'])
    const head = {
      type: 'head',
      status: 200,
      statusText: 'OK',
      headers: [],
      replica: null,
      tookMs: 3,
    } as const
    const end = { type: 'end', tookMs: 9, bytes: 2, cut: null } as const
    const parts = [head, { type: 'body', text: 'a' }, { type: 'body', text: 'b' }] as const
    const running = parts.reduce(withPart, started)
    expect(running).toEqual({ isRunning: true, head, text: 'ab', end: null, error: null })
    expect(withPart(running, end)).toMatchObject({ isRunning: false, text: 'ab', end })
    const failed = { type: 'failed', message: 'x', tookMs: 1 } as const
    expect(withPart(running, failed)).toMatchObject({ isRunning: false, end: failed })
  })

  it('as a command, quoted for a shell', () => {
    const url = 'http://127.0.0.1:30001'
    expect(curlOf({ url, method: 'GET', path: '/', headerText: '', body: '' })).toBe(`curl -i '${url}/'`)
    expect(curlOf({ url, method: 'POST', path: "/a'b", headerText: 'A: b\n', body: '{}' })).toBe(
      `curl -i -X POST '${url}/a'\\''b' -H 'A: b' --data-binary '{}'`,
    )
  })
})

it('a moment of the address is a time, or nothing', () => {
  expect(momentOf('2026-11-28T14:03:22')).toBe(new Date(2026, 10, 28, 14, 3, 22).getTime())
  expect([momentOf(null), momentOf(''), momentOf('soon')]).toEqual([undefined, undefined, undefined])
})

it('marks are what happened within the range, oldest first', () => {
  const service = { createdAtMs: 1_000, rollouts: [], decisions: [], recoveryReports: [] }
  expect(marksOf(service, 0)).toEqual([{ atSecond: 1, label: 'Created' }])
  expect(marksOf(service, 2)).toEqual([])
})
