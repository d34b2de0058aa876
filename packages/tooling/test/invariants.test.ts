import { existsSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { describe, expect, it } from 'vitest'
import { root } from '../src/repository.ts'

interface Proof {
  readonly file: string
  readonly test: string
}

const table = readFileSync(path.join(root, 'docs/invariants.md'), 'utf8')
const rows = table.split('\n').map((line) => line.split('|').map((cell) => cell.trim()))
const proofs = rows.flatMap(([, invariant = '', file = '', test = '']): readonly Proof[] =>
  /^\d+/.test(invariant) && test !== '' ? [{ file, test }] : [],
)

describe('docs/invariants.md', () => {
  it('names no test that does not exist', () => {
    const missing = proofs.filter(({ file, test }) => {
      const source = path.join(root, file)
      return !existsSync(source) || !readFileSync(source, 'utf8').includes(test)
    })
    expect(missing).toEqual([])
  })

  it('leaves no invariant out', () => {
    const numbers = new Set(rows.map(([, invariant = '']) => Number.parseInt(invariant, 10)))
    const all = Array.from({ length: 20 }, (_, index) => index + 1)
    expect(all.filter((number) => !numbers.has(number))).toEqual([])
  })
})
