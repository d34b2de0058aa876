import { createHash } from 'node:crypto'
import { readFileSync, readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../repository.ts'

const sources = ['apps', 'packages', 'prisma', 'package-lock.json', 'tsconfig.base.json']
const skipped = new Set(['node_modules', 'generated', '.next', 'test', 'e2e', 'dist', 'test-results'])

function* filesBelow(entry: string): Generator<string> {
  const children = readdirSync(path.join(root, entry), { withFileTypes: true })
  for (const child of children.toSorted((a, b) => (a.name < b.name ? -1 : 1))) {
    const name = path.join(entry, child.name)
    if (child.isDirectory()) {
      if (!skipped.has(child.name) && !child.name.startsWith('.next')) yield* filesBelow(name)
    } else if (child.isFile() && child.name !== 'next-env.d.ts' && !child.name.endsWith('.tsbuildinfo')) {
      yield name
    }
  }
}

/** Sixteen hexadecimal digits that change when anything that a build reads changes. */
export function sourceHash(): string {
  const hash = createHash('sha256').update(process.version)
  for (const source of sources) {
    const names = source.includes('.') ? [source] : filesBelow(source)
    for (const name of names) {
      hash.update(`\0${name}\0`)
      hash.update(readFileSync(path.join(root, name)))
    }
  }
  return hash.digest('hex').slice(0, 16)
}
