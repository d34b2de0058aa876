// The examples that the launch page offers, with their files, as JSON: `node scripts/example-files.ts` writes it; a test keeps it as they are.
import { readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'

const examples = path.resolve(import.meta.dirname, '../../../examples')
const target = path.resolve(import.meta.dirname, '../src/features/launch/templates/example-files.json')

/** Those that the page has a template of. */
const offered = ['hello', 'http-server', 'token-streamer', 'websocket-echo'] as const

/** Each example's files by path, as they lie in `examples/`. */
export function exampleFiles(): Readonly<Record<string, Readonly<Record<string, string>>>> {
  return Object.fromEntries(offered.map((name) => [name, filesOf(path.join(examples, name))]))
}

function filesOf(folder: string): Readonly<Record<string, string>> {
  return Object.fromEntries(
    readdirSync(folder)
      .toSorted()
      .filter((name) => statSync(path.join(folder, name)).isFile())
      .map((name) => [name, readFileSync(path.join(folder, name), 'utf8')]),
  )
}

if (process.argv[1] === import.meta.filename) {
  writeFileSync(target, `${JSON.stringify(exampleFiles(), null, 2)}\n`)
}
