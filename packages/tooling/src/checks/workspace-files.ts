import { readdirSync } from 'node:fs'
import path from 'node:path'
import { root } from '../repository.ts'

interface WorkspaceFile {
  /** Path from the repository's root, with slashes. */
  readonly name: string
  readonly absolute: string
}

const skipped = new Set(['node_modules', 'generated', 'dist', 'test-results', 'migrations'])
const written = /\.(ts|tsx|js|mjs|sh|css|prisma)$|^package\.json$/

/** Every source file that people write, tests included. */
export function workspaceFiles(): WorkspaceFile[] {
  const manifest = { name: 'package.json', absolute: path.join(root, 'package.json') }
  return [
    manifest,
    ...['apps', 'packages', 'prisma', 'bench', 'examples', 'deploy'].flatMap((folder) => below(folder)),
  ]
}

function below(folder: string): WorkspaceFile[] {
  let children
  try {
    children = readdirSync(path.join(root, folder), { withFileTypes: true })
  } catch {
    return []
  }
  return children.flatMap((child) => {
    const name = `${folder}/${child.name}`
    if (child.isDirectory()) return skipped.has(child.name) || child.name.startsWith('.') ? [] : below(name)
    return child.isFile() && written.test(child.name) && child.name !== 'next-env.d.ts'
      ? [{ name, absolute: path.join(root, name) }]
      : []
  })
}
