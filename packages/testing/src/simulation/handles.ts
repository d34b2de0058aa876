import fs from 'node:fs'
import { syncBuiltinESMExports } from 'node:module'
import { pass, passBy } from './task.ts'

type Call = (this: unknown, ...args: readonly unknown[]) => unknown

let isDone = false

/** Puts a point before and after each creation, write and cut of an open file, for the whole process. Once is enough. */
export async function pointsAtHandles(): Promise<void> {
  if (isDone) return
  isDone = true
  replace(fs, 'openSync', (call) => (path, flags, ...rest) => {
    if (!isChanging(flags)) return call(path, flags, ...rest)
    const what = `open ${placeOf(path)}`
    passBy({ when: 'before', what })
    const opened = call(path, flags, ...rest)
    try {
      passBy({ when: 'after', what })
    } catch (error) {
      fs.closeSync(Number(opened))
      throw error
    }
    return opened
  })
  for (const name of ['writeSync', 'ftruncateSync'])
    replace(fs, name, (call) => (handle, ...args) => {
      const what = `${name} ${placeOfHandle(handle)}`
      passBy({ when: 'before', what })
      const result = call(handle, ...args)
      passBy({ when: 'after', what })
      return result
    })
  replace(fs.promises, 'open', (call) => async (path, flags, ...rest) => {
    if (!isChanging(flags)) return await call(path, flags, ...rest)
    const what = `open ${placeOf(path)}`
    await pass({ when: 'before', what })
    const opened = await call(path, flags, ...rest)
    try {
      await pass({ when: 'after', what })
    } catch (error) {
      // What a promise of node:fs opens is a file handle.
      await (opened as fs.promises.FileHandle).close()
      throw error
    }
    return opened
  })
  await handleMethods()
  for (const name of ['open', 'write', 'writev']) replace(fs, name, (call) => inStream(name, call))
  syncBuiltinESMExports()
}

/** Streams write by these; they end with the error that they are called back with. */
function inStream(name: string, call: (...args: readonly unknown[]) => unknown) {
  return (...args: readonly unknown[]): unknown => {
    const back = args.at(-1)
    const [first, flags] = args
    if (typeof back !== 'function' || (name === 'open' && !isChanging(flags))) return call(...args)
    const what = name === 'open' ? `open ${placeOf(first)}` : `${name} ${placeOfHandle(first)}`
    // A callback of node:fs: an error or null first.
    const answer = back as (...results: readonly unknown[]) => void
    try {
      passBy({ when: 'before', what })
    } catch (error) {
      process.nextTick(answer, error)
      return undefined
    }
    return call(...args.slice(0, -1), (...results: readonly unknown[]) => {
      try {
        passBy({ when: 'after', what })
      } catch (error) {
        answer(error)
        return
      }
      answer(...results)
    })
  }
}

async function handleMethods(): Promise<void> {
  const handle = await fs.promises.open('/dev/null', 'r')
  const prototype: unknown = Object.getPrototypeOf(handle)
  await handle.close()
  if (typeof prototype !== 'object' || prototype === null) throw new Error('a file handle has no methods')
  for (const name of ['write', 'writeFile', 'truncate', 'chmod']) {
    const original: unknown = Reflect.get(prototype, name)
    if (typeof original !== 'function') continue
    // A method of a file handle, called on one.
    const method = original as Call
    Reflect.set(prototype, name, async function (this: { readonly fd: number }, ...args: readonly unknown[]) {
      const what = `${name} ${placeOfHandle(this.fd)}`
      await pass({ when: 'before', what })
      const result = await method.apply(this, [...args])
      await pass({ when: 'after', what })
      return result
    })
  }
}

function replace(
  holder: object,
  name: string,
  around: (call: (...args: readonly unknown[]) => unknown) => (...args: readonly unknown[]) => unknown,
): void {
  const original: unknown = Reflect.get(holder, name)
  if (typeof original !== 'function') return
  // A function of node:fs: taken and called as it is.
  const call = original as (...args: readonly unknown[]) => unknown
  Reflect.set(
    holder,
    name,
    around((...args) => call(...args)),
  )
}

function isChanging(flags: unknown): boolean {
  if (typeof flags === 'number') return (flags & (fs.constants.O_WRONLY | fs.constants.O_RDWR)) !== 0
  return typeof flags === 'string' && flags !== 'r' && flags !== 'rs'
}

function placeOfHandle(handle: unknown): string {
  try {
    return placeOf(fs.readlinkSync(`/proc/self/fd/${String(handle)}`))
  } catch {
    return ''
  }
}

function placeOf(path: unknown): string {
  return typeof path === 'string' ? path.split('/').slice(-2).join('/') : ''
}
