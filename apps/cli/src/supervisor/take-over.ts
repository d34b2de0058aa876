import { type RaiseFenceRow, raiseFence, readFence } from '@skykeep/persistent-path/fence'
import { isStorageFault } from '@skykeep/persistent-path/storage-fault'
import { isSkykeepError } from '@skykeep/core/errors'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { SupervisorContext } from './context.ts'
import { restartDelayMs } from './health.ts'
import { Pause } from './pause.ts'
import { processSpecs, type SpecSource } from './process-spec.ts'
import { findUnrecorded, killAll, survey } from './survey.ts'
import { sweepRuntime } from './sweep-runtime.ts'

export interface TakeOverSource {
  readonly context: SupervisorContext
  readonly specs: SpecSource
  readonly isForced: boolean
  /** Brings the state up to date (keys, migrations); called once the lock is held and nothing stuck is left. */
  readonly prepareState: () => Promise<void>
  readonly raiseFence: RaiseFenceRow
  readonly signal: AbortSignal
}

export interface TakenOver {
  readonly fence: number
  /** web and worker that go on as they are. */
  readonly adopted: readonly ProcessRecord[]
  /** Living gateway processes, of which at least one answers; else empty. */
  readonly gateways: readonly ProcessRecord[]
}

/**
 * Makes a path that was just locked ours. What is stuck is SIGKILLed first (it may hold the database's lock). web and worker that answer go
 * on under the number that they hold, unless the holder before us was stuck or they are of another build: then they end, and the fencing
 * number is raised. A gateway that answers always goes on. Resolves to undefined when the signal is aborted.
 */
export async function takeOver(source: TakeOverSource): Promise<TakenOver | undefined> {
  const { context } = source
  const { worker, web } = processSpecs(source.specs, 0)
  sweepRuntime(context)
  await killAll(findUnrecorded(context.layout, [worker, web]), context)
  const found = await survey([worker, web], context)
  await killAll(found.isGatewayAnswering ? found.stuck : [...found.stuck, ...found.gateways], context)
  const gateways = found.isGatewayAnswering ? found.gateways : []
  const isKept = (record: ProcessRecord): boolean =>
    record.build === source.specs.build && (record.name !== 'web' || record.port === source.specs.webPort)
  const adopted = source.isForced ? [] : found.answering.filter(isKept)
  await killAll(
    found.answering.filter((record) => !adopted.includes(record)),
    context,
  )
  const held = readFence(context.layout)
  if (adopted.length > 0 && held > 0) {
    return (await patiently(source, 'the state', source.prepareState))
      ? { fence: held, adopted, gateways }
      : undefined
  }
  await killAll(adopted, context)
  if (!(await patiently(source, 'the state', source.prepareState))) return undefined
  let fence = 0
  const isRaised = await patiently(source, 'the fencing number', async () => {
    fence = await raiseFence(context.layout, source.raiseFence)
  })
  return isRaised ? { fence, adopted: [], gateways } : undefined
}

/** Tries again for as long as only the storage or a lock is in the way; false when the signal is aborted. */
async function patiently(source: TakeOverSource, what: string, act: () => Promise<void>): Promise<boolean> {
  const pause = new Pause()
  for (let failures = 1; !source.signal.aborted; failures++) {
    source.context.requireHeld()
    try {
      await act()
      return true
    } catch (error) {
      const isPassing =
        isStorageFault(error) ||
        isSkykeepError(error, 'STORAGE_DEGRADED') ||
        isSkykeepError(error, 'UNAVAILABLE')
      if (!isPassing) throw error
      const reason = error instanceof Error ? error.message : String(error)
      source.context.say(`${what} cannot be written yet: ${reason}; tries again`)
      await pause.wait(restartDelayMs(failures, source.context.random()), source.signal)
    }
  }
  return false
}
