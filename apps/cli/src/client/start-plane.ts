import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync, openSync, readFileSync, statSync } from 'node:fs'
import { SkykeepError } from '@skykeep/core/errors'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { CliEnv } from '../env.ts'
import { openTerminal } from '../output/terminal.ts'
import { planeSettings } from '../plane/settings.ts'
import { thriftyFlags } from '../supervisor/process-spec.ts'
import { noteOnInterrupt, type GoesOn } from './goes-on.ts'
import { isBlocked, noPlane, seeSupervisor } from './plane-trouble.ts'
import { findPlane, type Place } from './plane.ts'

const patienceMs = 60_000
const lookMs = 200
/** A port that was freed is found within a second. */
const blockedPatienceMs = 3000

/**
 * Starts a control plane in the background on this path, or waits for the one that is about to answer. Throws what the path's preparation
 * refuses, and UNAVAILABLE when it ends or is held up, or after a minute.
 */
export async function startPlane(env: CliEnv, place: Place): Promise<string> {
  const { note } = openTerminal(env)
  if ((await seeSupervisor(place)) !== undefined) {
    const takeBack = noteOnInterrupt({ note }, goesOn)
    return await untilItAnswers(place).finally(takeBack)
  }
  // Here and now, so that what is wrong with the path is said to the person and not to a log.
  planeSettings(env, {})
  process.stderr.write(`no control plane on ${place.resolved.path}: starting one in the background\n`)
  const log = place.layout.processLog('supervisor')
  const from = statSync(log, { throwIfNoEntry: false })?.size ?? 0
  const child = spawnDetached(env, log)
  const takeBack = noteOnInterrupt({ note }, goesOn, { before: () => endStandBy(place, child) })
  try {
    return await untilItAnswers(place, () => requireRunning(child, log, from))
  } finally {
    takeBack()
    endStandBy(place, child)
  }
}

const goesOn: GoesOn = {
  what: 'nothing was asked for yet; the control plane goes on starting in the background',
  look: 'skykeep system status',
  stop: 'to end it: `skykeep stop`',
}

/** Another command may have been first: ours would stand by and take over when that one is stopped. */
function endStandBy(place: Place, child: ChildProcess): void {
  const holder = readProcessRecord(place.layout, 'supervisor')
  if (holder !== undefined && holder.pid !== child.pid) child.kill('SIGTERM')
}

/** Starts `skykeep up` in a session of its own, with its output in the log; waits for nothing. */
export function spawnDetached(env: CliEnv, log: string, options: readonly string[] = []): ChildProcess {
  const output = openSync(log, 'a', 0o600)
  // Started from a terminal inside a job, it must not go down with that job.
  const { SKYKEEP_NODE: _node, SKYKEEP_JOB: _job, ...own } = env.all
  const child = spawn(process.execPath, [...thriftyFlags, process.argv[1] ?? '', 'up', ...options], {
    detached: true,
    stdio: ['ignore', output, output],
    // It finds the path as this command did: one that stands in config.yaml can be changed there later.
    env: own,
  })
  child.unref()
  closeSync(output)
  return child
}

async function untilItAnswers(place: Place, check: () => void = () => undefined): Promise<string> {
  const deadline = performance.now() + patienceMs
  let notBlockedAt = performance.now()
  for (;;) {
    const url = await findPlane(place)
    if (url !== undefined) return url
    check()
    const seen = await seeSupervisor(place)
    const now = performance.now()
    if (!isBlocked(seen)) notBlockedAt = now
    if (now - notBlockedAt > blockedPatienceMs || now > deadline) throw noPlane(place, seen)
    await new Promise((resolve) => setTimeout(resolve, lookMs))
  }
}

/** Throws with the last words of a control plane that ended. */
function requireRunning(child: ChildProcess, log: string, from: number): void {
  if (child.exitCode === null && child.signalCode === null) return
  const written = readFileSync(log).subarray(from).toString('utf8')
  const at = written.lastIndexOf('error: ')
  const words = at < 0 ? '' : `:\n${written.slice(at).trimEnd()}`
  throw new SkykeepError('UNAVAILABLE', `the control plane did not start${words}`, {
    hint: `Its log is ${log}.`,
  })
}
