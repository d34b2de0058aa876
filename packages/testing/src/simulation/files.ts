import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { pass, passBy } from './task.ts'

/** What changes a folder or a file by its path. Reads, handles and streams are no effects of their own. */
const changing = [
  'appendFile',
  'chmod',
  'copyFile',
  'cp',
  'link',
  'mkdir',
  'mkdtemp',
  'rename',
  'rm',
  'rmdir',
  'symlink',
  'truncate',
  'unlink',
  'writeFile',
] as const

type Call = (...args: readonly unknown[]) => unknown

/** Puts a point before and after each change of a file that a task makes, for the whole process. Once is enough. */
export function pointsAtFiles(): void {
  if (isDone) return
  isDone = true
  for (const name of changing) {
    wrap(fs.promises, name, (call, args) => passing(name, args, call))
    wrap(fs, `${name}Sync`, (call, args) => {
      const what = `${name} ${placeOf(args)}`
      passBy({ when: 'before', what })
      const result = call()
      passBy({ when: 'after', what })
      return result
    })
  }
  syncBuiltinESMExports()
}

let isDone = false

async function passing(name: string, args: readonly unknown[], call: () => unknown): Promise<unknown> {
  const what = `${name} ${placeOf(args)}`
  await pass({ when: 'before', what })
  const result = await call()
  await pass({ when: 'after', what })
  return result
}

function wrap(
  holder: object,
  name: string,
  around: (call: () => unknown, args: readonly unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(holder, name)
  if (typeof original !== 'function') return
  // A function of node:fs: taken and called as it is.
  const call = original as Call
  Reflect.set(holder, name, (...args: readonly unknown[]) => around(() => call(...args), args))
}

/** The last parts of the path that changes: enough to tell one effect from another, the same in every run. */
function placeOf(args: readonly unknown[]): string {
  const paths = args.slice(0, 2).filter((each) => typeof each === 'string')
  return (paths.at(-1) ?? '').split('/').slice(-2).join('/')
}
