import { describe, expect, it } from 'vitest'
import { findingsIn } from '../src/checks/house-rules.ts'

const cases: readonly (readonly [name: string, file: string, text: string])[] = [
  ['environment in env.ts only', 'apps/web/src/server/x.ts', `const port = process.env['PORT']`],
  ['time, identity and randomness are parameters', 'packages/core/src/x.ts', 'const at = Date.now()'],
  ['controllers and engine have no clock', 'packages/engine/src/x.ts', 'const at = new Date()'],
  ['no suppressions', 'packages/db/src/x.ts', '// @ts-ignore\n'],
  [
    'dependencies are pinned',
    'apps/web/package.json',
    '{\n  "dependencies": {\n    "react": "latest"\n  }\n}\n',
  ],
  ['dependencies are pinned', 'package.json', '{\n  "devDependencies": {\n    "react": "^19.3.1"\n  }\n}\n'],
  ['has 401 lines', 'packages/db/src/x.ts', 'a\n'.repeat(401)],
  ['names nothing', 'packages/db/src/utils.ts', 'export {}'],
]

describe('house rules', () => {
  it.each(cases)('%s', (name, file, text) => {
    expect(findingsIn(file, text).join('\n')).toContain(name)
  })

  it('finds nothing in what is well', () => {
    expect(findingsIn('apps/web/src/env.ts', `export const port = process.env['PORT']\n`)).toEqual([])
  })
})
