import { readFileSync, readdirSync } from 'node:fs'
import { isProcessAlive, isSameProcess } from '@skykeep/persistent-path/process-identity'
import { readProcessRecord, type ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { systemClock } from '@skykeep/telemetry/system-clock'
import { spawnDetached } from '../client/start-plane.ts'
import type { Session } from '../client/session.ts'
import { waitUntil } from '../supervisor/pause.ts'

const othersMs = 5000
const ownMs = 30_000

/** Who starts a control plane again whose supervisor dies. */
export type Successor = 'stand-by' | 'systemd' | 'nobody'

export interface Vacancy {
  /** The supervisor that was killed. */
  readonly dead: ProcessRecord
  readonly successor: Successor
  /** Port of the dashboard, which stays; undefined: the configured one. */
  readonly webPort: number | undefined
}

/** Looked at while the supervisor still lives. */
export function successorOf({ place }: Session, supervisor: ProcessRecord): Successor {
  if (namesIn(place.layout.runtimeDir).some((name) => /^sb-\d+\.sock$/.test(name))) return 'stand-by'
  return environmentOf(supervisor.pid).some((variable) => variable.startsWith('INVOCATION_ID='))
    ? 'systemd'
    : 'nobody'
}

/**
 * Sees to it that a supervisor runs again: where somebody else starts one it waits for a moment, and else starts one itself, in the
 * background, as a person would with `skykeep up`. Cannot be interrupted. Returns the pid of the one that it started, or null.
 */
export async function restartSupervisor(
  { env, place }: Session,
  { dead, successor, webPort }: Vacancy,
): Promise<number | null> {
  const newOne = (): ProcessRecord | undefined => {
    const record = readProcessRecord(place.layout, 'supervisor')
    // One that was killed a moment ago may still be there.
    const isNew = record !== undefined && !isSameProcess(record, dead) && isProcessAlive(record)
    return isNew ? record : undefined
  }
  const runs = (): boolean => newOne() !== undefined
  if (successor !== 'nobody' && (await waitUntil(runs, othersMs, systemClock))) return null
  const options = webPort === undefined ? [] : ['--port', String(webPort)]
  const child = spawnDetached(env, place.layout.processLog('supervisor'), options)
  await waitUntil(() => runs() || child.exitCode !== null, ownMs, systemClock)
  if (newOne()?.pid === child.pid) return child.pid ?? null
  // Somebody else was faster: ours would stand by for ever.
  child.kill('SIGTERM')
  return null
}

function namesIn(folder: string): readonly string[] {
  try {
    return readdirSync(folder)
  } catch {
    return []
  }
}

function environmentOf(pid: number): readonly string[] {
  try {
    return readFileSync(`/proc/${pid}/environ`, 'utf8').split('\0')
  } catch {
    return []
  }
}
