// Loaded into a gateway process before its program, as `--import file:…/fast-clock.ts?speed=6&origin=MS&folder=PATH&snapshots=`: both clocks and the time-outs of
// sockets run so many times as fast, so that those of minutes pass within seconds; timers of the program itself stay as they are. At SIGUSR2 it
// collects its garbage and writes down what memory is left.
import { renameSync, writeFileSync } from 'node:fs'
import http2 from 'node:http2'
import type { ServerHttp2Session } from 'node:http2'
import { syncBuiltinESMExports } from 'node:module'
import { Socket } from 'node:net'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { getHeapSpaceStatistics, getHeapStatistics, setFlagsFromString, writeHeapSnapshot } from 'node:v8'
import { runInNewContext } from 'node:vm'
import { memoryFileOf } from './memory-file.ts'
import type { WrittenMemory } from './memory-file.ts'

const query = new URL(import.meta.url).searchParams
const speed = Number(query.get('speed'))
/** At this wall time the fast clock and the machine's agree: all processes of a run have the same. */
const originMs = Number(query.get('origin'))
const folder = query.get('folder') ?? '/tmp'
const snapshots = query.get('snapshots') ?? ''

const wallMs = Date.now.bind(Date)
const monotonicMs = performance.now.bind(performance)
Date.now = () => Math.floor(originMs + (wallMs() - originMs) * speed)
Object.defineProperty(performance, 'now', { value: () => monotonicMs() * speed })

/** Makes the time-outs of one socket, session or class shorter. */
function hurry(owner: Socket | ServerHttp2Session): void {
  const setTimeout = owner.setTimeout
  Reflect.set(owner, 'setTimeout', function hurried(this: unknown, ms: number, onTimeout?: () => void) {
    return Reflect.apply(setTimeout, this, [Math.ceil(ms / speed), onTimeout])
  })
}

hurry(Socket.prototype)
const { performServerHandshake } = http2
Reflect.set(
  http2,
  'performServerHandshake',
  (...given: Parameters<typeof performServerHandshake>): ServerHttp2Session => {
    const session = performServerHandshake(...given)
    hurry(session)
    return session
  },
)
syncBuiltinESMExports()

setFlagsFromString('--expose-gc')
/** Of the heap without what V8 compiles, which grows for as long as something is compiled once more. */
function objectBytes(): number {
  const spaces = getHeapSpaceStatistics().filter(
    ({ space_name: name }) => !/^(?:code|trusted|read_only)/.test(name),
  )
  return spaces.reduce((sum, { space_used_size: bytes }) => sum + bytes, 0)
}

const collectGarbage = runInNewContext('gc') as () => void // what the flag puts into a new context
process.on('SIGUSR2', () => {
  collectGarbage()
  collectGarbage()
  const file = join(folder, memoryFileOf(process.pid))
  const { external } = process.memoryUsage()
  const heap = getHeapStatistics().total_physical_size
  const memory: WrittenMemory = { external, objects: objectBytes(), heap }
  writeFileSync(`${file}.next`, JSON.stringify(memory))
  renameSync(`${file}.next`, file)
  if (snapshots !== '') writeHeapSnapshot(join(snapshots, `${process.pid}-${wallMs()}.heapsnapshot`))
})
