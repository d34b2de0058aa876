import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { closeSync, openSync } from 'node:fs'
import path from 'node:path'
import type { ActionServices } from '@skykeep/actions/context'
import type { Layout } from '@skykeep/persistent-path/layout'
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
            SKYPILOT_PERSISTENT_PATH: layout.root,
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
