import { spawn } from 'node:child_process'
import { mkdirSync, rmSync, writeFileSync } from 'node:fs'
import { createRequire } from 'node:module'
import path from 'node:path'
import { readSchema, schemaFolder } from './schema-source.ts'

/** Generates both clients side by side, without the network and without a database. */
const packageFolder = path.resolve(import.meta.dirname, '..')
const derivedFolder = path.join(packageFolder, 'generated/postgresql')
rmSync(derivedFolder, { recursive: true, force: true })
mkdirSync(derivedFolder, { recursive: true })
for (const [name, content] of readSchema('postgresql')) writeFileSync(path.join(derivedFolder, name), content)

const prismaCli = createRequire(import.meta.url).resolve('prisma/build/index.js')

function generate(folder: string): Promise<void> {
  return new Promise((resolve, reject) => {
    const child = spawn(process.execPath, [prismaCli, 'generate', '--no-hints'], {
      cwd: packageFolder,
      env: { ...process.env, SKYKEEP_SCHEMA_FOLDER: folder },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let output = ''
    child.stdout.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (output += chunk.toString()))
    child.on('error', reject)
    child.on('exit', (code) =>
      code === 0 ? resolve() : reject(new Error(`prisma generate failed:\n${output}`)),
    )
  })
}

await Promise.all([generate(schemaFolder), generate(derivedFolder)])
