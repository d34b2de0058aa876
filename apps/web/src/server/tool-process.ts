import { spawn, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { Layout } from '@skykeep/persistent-path/layout'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'
import type { WebEnv } from './env.ts'

/** What the command line of this build is started with. */
export interface ToolHome extends Pick<WebEnv, 'build' | 'toolEnvironment'> {
  readonly layout: Layout
}

/**
 * Starts the command line of this build for a person, in a session of its own, so that it outlives this process. Its output goes to the log
 * of the process of that name, which is begun anew. Throws when it cannot be started.
 */
export async function startTool(
  home: ToolHome,
  logName: string,
  args: readonly string[],
): Promise<ChildProcess> {
  const log = openSync(home.layout.processLog(logName), 'w', 0o600)
  try {
    const child = spawn(...commandOf(home, args), {
      ...surroundingsOf(home),
      detached: true,
      stdio: ['ignore', log, log],
    })
    child.unref()
    // Rejects with the child's error.
    await once(child, 'spawn')
    return child
  } finally {
    closeSync(log)
  }
}

/** Runs the command line of this build to its end. @returns what it printed, whatever it ended with. Throws when it cannot, or takes too long. */
export async function toolOutput(
  home: ToolHome,
  args: readonly string[],
  timeoutMs: number,
): Promise<string> {
  const child = spawn(...commandOf(home, args), {
    ...surroundingsOf(home),
    stdio: ['ignore', 'pipe', 'ignore'],
    timeout: timeoutMs,
    killSignal: 'SIGKILL',
  })
  let output = ''
  child.stdout.setEncoding('utf8').on('data', (text: string) => (output += text))
  const [, signal] = await once(child, 'close')
  if (signal !== null) throw new Error(`it was ended by ${String(signal)}`)
  return output
}

function commandOf({ build }: ToolHome, args: readonly string[]): [string, string[]] {
  return [path.join(build, 'node'), ['--', path.join(build, 'cli.mjs'), ...args]]
}

function surroundingsOf({ layout, build, toolEnvironment }: ToolHome) {
  const env: NodeJS.ProcessEnv = {
    ...toolEnvironment,
    NODE_ENV: 'production',
    ...pathVariable(layout, toolEnvironment),
    SKYKEEP_BUILD: build,
  }
  return { cwd: layout.root, env }
}

/**
 * Names the path where the environment alone leads to another one. Else it is left as it is found: a control plane that the tool has to
 * start follows config.yaml only where the path stands there.
 */
function pathVariable(
  { root }: Layout,
  environment: WebEnv['toolEnvironment'],
): Readonly<Record<string, string>> {
  try {
    const found = resolvePersistentPath(environment, environment['HOME'] ?? homedir())
    if (realpathSync(found.path) === realpathSync(root)) return {}
  } catch {
    // What cannot be read leads nowhere.
  }
  return { SKYPILOT_PERSISTENT_PATH: root }
}
