import { describe, expect, it } from 'vitest'
import { keyAt, placeAt } from '#src/features/launch/editor/yaml-place.ts'

/** The place at the ¦ of the text. */
function at(text: string): ReturnType<typeof placeAt> {
  return placeAt(text.replace('¦', ''), text.indexOf('¦'))
}

type Row = readonly [string, string, string, string, readonly string[]]

const rows: readonly Row[] = [
  ['¦', '', 'key', '', []],
  ['name: hello\nru¦', '', 'key', 'ru', ['name']],
  ['service:\n  ¦', 'service', 'key', '', []],
  ['service:\n  replicas: 2\n  ¦\nrun: x\n', 'service', 'key', '', ['replicas']],
  ['service:\n  update:\n    mode: ¦', 'service.update', 'value', 'mode', []],
  ['service:\n  update:\n    mode: can¦\n    max_surge: 2', 'service.update', 'value', 'mode', ['max_surge']],
  [
    'service:\n  update:\n    canary:\n      steps: [1]\n      ¦',
    'service.update.canary',
    'key',
    '',
    ['steps'],
  ],
  [
    'service:\n  schedule:\n    off_hours:\n      - days: mon\n        ¦',
    'service.schedule.off_hours',
    'key',
    '',
    ['days'],
  ],
  [
    'service:\n  schedule:\n    off_hours:\n    - from: "1:00"\n    - ¦\n      to: "2:00"',
    'service.schedule.off_hours',
    'key',
    '',
    ['to'],
  ],
  ['resources:\n\n  # a comment\n  cpus: 2\nservice:\n  tls:\n   k¦', 'service.tls', 'key', 'k', []],
  ['run: |\n  service:\n    ¦', 'run.service', 'key', '', []],
]

describe('the place in a YAML that is being typed', () => {
  it.each(rows)('%j is under %j', (...row) => {
    const [text, table, part, key, siblings] = row
    expect(at(text)).toMatchObject({ table, part, key })
    expect([...(at(text)?.siblings ?? [])].toSorted()).toEqual([...siblings].toSorted())
  })

  it.each(['# na¦me', 'name: "he¦', 'run: a b¦', 'resources: {cpus: ¦', 'envs:\n  A: ${B¦', 'a b¦'])(
    '%j is none',
    (text) => {
      expect(at(text)).toBeNull()
    },
  )

  it('the key of a line is found wherever in it the cursor is', () => {
    const text = 'service:\n  update:\n    mode: canary\n'
    for (const offset of [text.indexOf('mode'), text.indexOf('canary') + 3, text.indexOf('\n', 22)]) {
      expect(keyAt(text, offset)).toMatchObject({ table: 'service.update', key: 'mode' })
    }
    expect(keyAt('just words', 3)).toBeNull()
    expect(keyAt('', 0)).toBeNull()
  })
})
