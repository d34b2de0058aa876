import { spawn } from 'node:child_process'
import { closeSync, mkdirSync, openSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import type { CliEnv } from '../env.ts'
import { findPlane, type Place } from './plane.ts'

const patienceMs = 60_000

/** Starts a control plane in the background on this path and waits until it answers. Throws UNAVAILABLE after a minute. */
export async function startPlane(env: CliEnv, place: Place): Promise<string> {
  const log = place.layout.processLog('supervisor')
  mkdirSync(path.dirname(log), { recursive: true, mode: 0o700 })
  process.stderr.write(`no control plane on ${place.resolved.path}: starting one in the background\n`)
  const output = openSync(log, 'a', 0o600)
  const child = spawn(process.execPath, [process.argv[1] ?? '', 'up'], {
    detached: true,
    stdio: ['ignore', output, output],
    env: { ...env.all, SKYPILOT_PERSISTENT_PATH: place.resolved.path },
  })
  child.unref()
  closeSync(output)
  const deadline = performance.now() + patienceMs
  while (performance.now() < deadline) {
    const url = await findPlane(place)
    if (url !== undefined) return url
    if (child.exitCode !== null) break
    await new Promise((resolve) => setTimeout(resolve, 100))
  }
  throw new SkykeepError('UNAVAILABLE', 'the control plane did not start', { hint: `Read ${log}.` })
}
