import type { ActionServices } from '@skykeep/actions/context'
import { startTool, type ToolHome } from './tool-process.ts'

/**
 * Starts a drill as the command line of this build, in a session of its own: it kills this very process and goes on. Throws when it cannot
 * be started.
 */
export function launchDrillIn(home: ToolHome): ActionServices['launchDrill'] {
  return async ({ uid, serviceName, target, repeats }) => {
    const options = ['--kill', target, '--repeat', String(repeats), '--record', uid, '--yes']
    await startTool(home, 'drill', ['drill', serviceName, ...options])
  }
}
