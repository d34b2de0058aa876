import { readFileSync } from 'node:fs'
import { writeFileAtomic } from './atomic-file.ts'
import type { Layout } from './layout.ts'

/**
 * Raises the number in the database (the authority) to more than `atLeast` and everything that it ever held, in one committed
 * transaction, and returns it. Given by the composition root.
 */
export type RaiseFenceRow = (atLeast: number) => Promise<number>

/** The fencing number as the file tells it; 0 when there is none yet or it is unreadable. */
export function readFence(layout: Layout): number {
  try {
    const fence = Number(readFileSync(layout.fenceFile, 'utf8').trim())
    return Number.isSafeInteger(fence) && fence >= 0 ? fence : 0
  } catch {
    return 0
  }
}

/**
 * Raises the fencing number; only for the holder of the instance lock. After it returns, every process that was given a lower number is
 * refused by the database. Throws what the row's raising throws, and the file system's error.
 */
export async function raiseFence(layout: Layout, raiseRow: RaiseFenceRow): Promise<number> {
  const fence = await raiseRow(readFence(layout))
  writeFileAtomic(layout.fenceFile, `${fence}\n`)
  return fence
}
