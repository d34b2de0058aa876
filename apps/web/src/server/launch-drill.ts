import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync, realpathSync } from 'node:fs'
import { homedir } from 'node:os'
import path from 'node:path'
import type { ActionServices } from '@skykeep/actions/context'
import type { Layout } from '@skykeep/persistent-path/layout'
import { resolvePersistentPath } from '@skykeep/persistent-path/resolve'
import type { WebEnv } from './env.ts'

/**
 * Starts a drill as the command line of this build, in a session of its own: it kills this very process and goes on. Its output goes to
 * the log of the process `drill`, which is begun anew. Throws when it cannot be started.
 */
export function launchDrillIn(
  layout: Layout,
  { build, toolEnvironment }: Pick<WebEnv, 'build' | 'toolEnvironment'>,
): ActionServices['launchDrill'] {
  return async ({ uid, serviceName, target, repeats }) => {
    const log = openSync(layout.processLog('drill'), 'w', 0o600)
    try {
      const options = ['--kill', target, '--repeat', String(repeats), '--record', uid, '--yes']
      const child = spawn(
        path.join(build, 'node'),
        ['--', path.join(build, 'cli.mjs'), 'drill', serviceName, ...options],
        {
          detached: true,
          stdio: ['ignore', log, log],
          cwd: layout.root,
          env: {
            ...toolEnvironment,
            NODE_ENV: 'production',
            ...pathVariable(layout, toolEnvironment),
            SKYKEEP_BUILD: build,
          },
        },
      )
      child.unref()
      // Rejects with the child's error.
      await once(child, 'spawn')
    } finally {
      closeSync(log)
    }
  }
}

/**
 * Names the path where the environment alone leads to another one. Else it is left as it is found: a control plane that the drill has to
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
