import { expect, it } from 'vitest'
import { bootIdOf } from '../src/boot-id.ts'

const stat = (start: number): string =>
  `1 (a name) of) S 0 1 1 0 -1 4194560 1 2 0 0 1 2 3 4 20 0 1 0 ${start} 100 200\n`
const machine = { bootId: 'b-1\n', secondName: 'kthreadd\n', firstStat: stat(24) }

it.each([
  ['a machine', machine, 'b-1'],
  ['a container', { ...machine, secondName: 'node\n' }, 'b-1@24'],
  ['a container of one process', { ...machine, secondName: '' }, 'b-1@24'],
  ['the same container, started again', { ...machine, secondName: '', firstStat: stat(977) }, 'b-1@977'],
  ['who may not see the processes of others', { ...machine, secondName: '', firstStat: '' }, 'b-1'],
])('names %s', (_what, files, id) => {
  expect(bootIdOf(files)).toBe(id)
})
