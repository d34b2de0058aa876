import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../src/repository.ts'

const rows = readFileSync(path.join(root, 'docs/recovery-bugs.md'), 'utf8')
  .split('\n')
  .filter((line) => /^\| (SkyPilot|dstack) \d/.test(line))
  .map((line) => line.split('|').map((cell) => cell.trim()))

describe('docs/recovery-bugs.md', () => {
  it('names tests that exist', () => {
    const missing = rows.filter(([, , file = '', test = '']) => {
      const source = path.join(root, file)
      return !existsSync(source) || !readFileSync(source, 'utf8').includes(test)
    })
    expect(missing).toEqual([])
  })

  it('names tests that carry the number themselves', () => {
    const nameless = rows.filter(([, what = '', , test = '']) => {
      const [, system = '', number = ''] = /^(SkyPilot|dstack) (\d+)/.exec(what) ?? []
      const section = system === 'SkyPilot' ? 'skypilot 3.5' : 'dstack 11'
      return !new RegExp(`${section} #${number}\\b`).test(test)
    })
    expect(nameless).toEqual([])
  })

  it.each([
    ['SkyPilot', 19],
    ['dstack', 14],
  ] as const)('leaves no line of %s out', (name, count) => {
    const said = rows.filter(([, what = '']) => what.startsWith(name))
    const numbers = new Set(said.map(([, what = '']) => Number.parseInt(what.slice(name.length), 10)))
    const all = Array.from({ length: count }, (_, index) => index + 1)
    expect(all.filter((number) => !numbers.has(number))).toEqual([])
  })
})
