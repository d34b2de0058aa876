import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, describe, expect, it } from 'vitest'

const root = path.resolve(import.meta.dirname, '../../..')
const folder = mkdtempSync(path.join(tmpdir(), 'directions-'))

/** What dependency-cruiser says of a tree of these files, with the repository's own rules. */
function cruise(files: Readonly<Record<string, string>>): string {
  for (const [name, text] of Object.entries(files)) {
    mkdirSync(path.dirname(path.join(folder, name)), { recursive: true })
    writeFileSync(path.join(folder, name), text)
  }
  const config = path.join(root, '.dependency-cruiser.mjs')
  const binary = path.join(root, 'node_modules/.bin/depcruise')
  return spawnSync(binary, ['--config', config, 'packages'], { cwd: folder, encoding: 'utf8' }).stdout
}

describe('import directions', () => {
  afterEach(() => rmSync(folder, { recursive: true, force: true }))

  it('a package that imports against its direction is found, also when it imports only a type', () => {
    const found = cruise({
      'packages/core/src/a.ts': `import type { B } from '../../db/src/b.ts'\nexport type A = B\n`,
      'packages/db/src/b.ts': 'export interface B { readonly b: number }\n',
    })
    expect(found).toContain('packages/core imports only nothing of ours')
  })

  it('a cycle is found', () => {
    const found = cruise({
      'packages/db/src/a.ts': `import { b } from './b.ts'\nexport const a = (): unknown => b\n`,
      'packages/db/src/b.ts': `import { a } from './a.ts'\nexport const b = (): unknown => a\n`,
    })
    expect(found).toContain('no cycles')
  })

  it('a pure package that does I/O is found', () => {
    const found = cruise({ 'packages/spec/src/a.ts': `import { rmSync } from 'node:fs'\nrmSync('x')\n` })
    expect(found).toContain('pure packages do no I/O')
  })
})
