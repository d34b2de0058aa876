import { readFileSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { setTimeout as delay } from 'node:timers/promises'
import { until } from '../../apps/gateway/test/gateway-processes.ts'
import { rssMiBOf } from '../gateway/children.ts'
import { descriptorsOf, shownDescriptors } from './descriptors.ts'
import { memoryFileOf } from './memory-file.ts'
import type { WrittenMemory } from './memory-file.ts'

/** What one gateway process has while nobody asks anything. */
export interface AtRest {
  /** Of its heap, without compiled code. */
  readonly objectsKiB: number
  /** Buffers and others outside of the heap. */
  readonly externalKiB: number
  /** After garbage was collected. */
  readonly rssMiB: number
  /** Resident, and not held by V8 for its heap. */
  readonly beyondHeapMiB: number
  readonly descriptors: number
  /** What each of them is. */
  readonly shown: readonly string[]
}

const kib = 1024

/** Has the process collect its garbage, and reads what is left. @param folder where `fast-clock.ts` writes. */
export async function lookAtRest(pid: number, folder: string): Promise<AtRest> {
  const file = join(folder, memoryFileOf(pid))
  rmSync(file, { force: true })
  process.kill(pid, 'SIGUSR2')
  const usage = await until(`${file} of its memory`, () => memoryIn(file))
  const rssMiB = rssMiBOf(pid)
  return {
    objectsKiB: usage.objects / kib,
    externalKiB: usage.external / kib,
    rssMiB,
    beyondHeapMiB: rssMiB - usage.heap / kib / kib,
    descriptors: await fewestDescriptors(pid),
    shown: shownDescriptors(pid),
  }
}

function memoryIn(file: string): WrittenMemory | undefined {
  try {
    return JSON.parse(readFileSync(file, 'utf8')) as WrittenMemory // written by fast-clock.ts
  } catch {
    return undefined
  }
}

/** Files are opened for a moment now and then: the fewest of some looks counts. */
async function fewestDescriptors(pid: number): Promise<number> {
  let fewest = Infinity
  for (let look = 0; look < 5; look += 1) {
    fewest = Math.min(fewest, descriptorsOf(pid).length)
    await delay(50)
  }
  return fewest
}
