import { type ChildProcess, spawn } from 'node:child_process'
import { closeSync } from 'node:fs'
import type { Clock } from '@skykeep/core/clock'
import type { Layout } from '@skykeep/persistent-path/layout'
import { identityOf } from '@skykeep/persistent-path/process-identity'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { openProcessLog } from './process-log.ts'
import type { ProcessSpec } from './process-spec.ts'

export interface StartedProcess {
  readonly child: ChildProcess
  /** Undefined when it could not be started or was dead at once; `child` then says why by its events. */
  readonly record: ProcessRecord | undefined
}

/** Starts a process in a session of its own, so that neither our death nor the terminal's Ctrl-C reaches it. Its output goes to its log. */
export function startProcess(spec: ProcessSpec, layout: Layout, clock: Clock): StartedProcess {
  const [command = '', ...args] = spec.command
  const log = openProcessLog(layout.processLog(spec.name))
  try {
    const child = spawn(command, args, {
      cwd: spec.cwd,
      env: { ...spec.environment },
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.unref()
    const identity = child.pid === undefined ? undefined : identityOf(child.pid)
    return { child, record: identity && { ...recordOf(spec, clock.now()), ...identity } }
  } finally {
    if (log !== 'ignore') closeSync(log)
  }
}

function recordOf(
  spec: ProcessSpec,
  startedAtMs: number,
): Omit<ProcessRecord, 'pid' | 'startTime' | 'bootId'> {
  return {
    name: spec.name,
    ...(spec.port === undefined ? {} : { port: spec.port }),
    ...(spec.socket === undefined ? {} : { socket: spec.socket }),
    startedAtMs,
    build: spec.build,
  }
}
