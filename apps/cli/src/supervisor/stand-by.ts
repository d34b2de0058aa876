import { rmSync } from 'node:fs'
import type { Clock } from '@skykeep/core/clock'
import { callControl, type ControlServer, serveControl } from '@skykeep/persistent-path/control'
import { HolderWatch } from '@skykeep/persistent-path/holder-watch'
import { type HolderName, InstanceLock, readHolder } from '@skykeep/persistent-path/instance-lock'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import { isSkykeepError } from '@skykeep/core/errors'
import { Pause, waitUntil } from './pause.ts'

export interface StandBySource {
  readonly layout: Layout
  readonly clock: Clock
  readonly name: HolderName
  readonly say: (line: string) => void
  /** Ends the waiting. */
  readonly signal: AbortSignal
  /** Asked through the socket to end: `skykeep stop` means every plane of the path. */
  readonly onStop: () => void
}

export interface Acquired {
  readonly lock: InstanceLock
  /** True when the holder before us was stuck and was killed: nothing that it started is trusted, except a gateway that answers. */
  readonly isForced: boolean
}

const nameMs = 1000

/**
 * Takes the instance lock, at once or after standing by for as long as another plane holds the path. A holder that is stuck (invariant 5)
 * is SIGKILLed, exactly it. Resolves to undefined when the signal is aborted first. A stand-by starts nothing, and writes nothing but
 * its own socket. Throws STORAGE_DEGRADED when the storage refuses the first attempt.
 */
export async function acquireLock(source: StandBySource): Promise<Acquired | undefined> {
  const lock = InstanceLock.tryAcquire(source.layout, source.name)
  if (lock !== undefined) return { lock, isForced: false }
  // One that took the lock a moment ago has not written its name yet.
  await waitUntil(() => readHolder(source.layout) !== undefined, nameMs, source.clock)
  const holder = readHolder(source.layout)
  const who =
    holder === undefined
      ? 'another control plane'
      : `the control plane with pid ${holder.pid} on ${holder.hostname}`
  source.say(`stands by: ${who} holds ${source.layout.root}; takes over when it is gone`)
  const socket = source.layout.socket(`sb-${process.pid}`)
  const server = await serveStandBy(source, socket)
  try {
    return await standBy(source)
  } finally {
    await server?.close()
    rmSync(socket, { force: true })
  }
}

async function standBy(source: StandBySource): Promise<Acquired | undefined> {
  const { layout, clock, signal, say } = source
  const watch = new HolderWatch()
  const pause = new Pause()
  let isForced = false
  let wasRefused = false
  while (!signal.aborted) {
    const lock = tryAcquire(source)
    if (lock !== undefined) {
      say(`takes over ${layout.root}`)
      return { lock, isForced }
    }
    const isAnswering = await isHolderAnswering(layout)
    const sign = readHolder(layout)
    if (watch.isStuck({ atMs: clock.monotonicMs(), sign, isAnswering })) {
      const isKilled = await killHolder(source)
      isForced ||= isKilled
      if (!isKilled && !wasRefused) {
        say(
          'the control plane that holds the path is stuck, and cannot be killed from here (another host or container): stop it there',
        )
      }
      wasRefused = !isKilled
      if (isKilled) continue
    }
    await pause.wait(1000, signal)
  }
  return undefined
}

function tryAcquire(source: StandBySource): InstanceLock | undefined {
  try {
    return InstanceLock.tryAcquire(source.layout, source.name)
  } catch (error) {
    // A stand-by outlives a fault of the storage.
    if (isSkykeepError(error, 'STORAGE_DEGRADED')) return undefined
    throw error
  }
}

async function killHolder(source: StandBySource): Promise<boolean> {
  const holder = readHolder(source.layout)
  if (holder === undefined || !killProcess(holder, 'SIGKILL')) return false
  source.say(
    `the control plane with pid ${holder.pid} is stuck (no heartbeat for 10 s, no answer): killed it`,
  )
  return waitUntil(() => !isProcessAlive(holder), 5000, source.clock)
}

async function isHolderAnswering(layout: Layout): Promise<boolean> {
  try {
    await callControl(layout.supervisorSocket, { method: 'GET', path: '/health', timeoutMs: 2000 })
    return true
  } catch {
    return false
  }
}

async function serveStandBy(source: StandBySource, socket: string): Promise<ControlServer | undefined> {
  try {
    return await serveControl(socket, {
      'GET /health': () => ({ role: 'standby', pid: process.pid }),
      'GET /status': () => ({ role: 'standby', pid: process.pid, holder: readHolder(source.layout) }),
      'POST /stop': () => {
        // After the reply has left.
        setImmediate(source.onStop)
        return { isStopping: true }
      },
    })
  } catch {
    // Being asked is a courtesy; a read-only or full disk must not keep a stand-by from waiting.
    return undefined
  }
}
