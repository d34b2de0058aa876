import { fork } from 'node:child_process'
import { openDatabase } from '../../packages/db/src/connect.ts'
import { appendEvent } from '../../packages/db/src/events.ts'
import { systemClock as clock } from '../../packages/testing/src/system-clock.ts'

export interface Written {
  readonly commits: number
  readonly slowestMs: number
}

/** A process of its own that commits all the time, as a loaded worker does. */
export function startWriter(url: string): { stop(): Promise<Written> } {
  const child = fork(import.meta.filename, [url])
  return {
    stop: async () => {
      const told = new Promise<Written>((resolve) => {
        // It sends nothing but this.
        child.once('message', (message) => resolve(message as Written))
      })
      child.send('stop')
      return await told
    },
  }
}

async function write(url: string): Promise<void> {
  const database = await openDatabase({ url, clock })
  const stopping = new AbortController()
  process.once('message', () => stopping.abort())
  let commits = 0
  let slowestMs = 0
  while (!stopping.signal.aborted) {
    const startedAt = performance.now()
    await database.transaction((tx) =>
      appendEvent(tx, { kind: 'system', uid: 'beside', type: 'plane.started' }),
    )
    slowestMs = Math.max(slowestMs, Math.round(performance.now() - startedAt))
    commits += 1
    await new Promise((resolve) => setTimeout(resolve, 5))
  }
  await database.close()
  process.send?.({ commits, slowestMs }, () => process.disconnect())
}

if (process.argv[1] === import.meta.filename && process.send !== undefined) await write(process.argv[2] ?? '')
