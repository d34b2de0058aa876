import type { JobRequest } from '@skykeep/node-runtime/job'
import { LocalProvider } from '@skykeep/provider-local/local-provider'

export const scriptsDir = new URL('../sh', import.meta.url).pathname
export const path = process.env['PATH'] ?? '/usr/bin:/bin'

export function openProvider(root: string): LocalProvider {
  return new LocalProvider({
    root,
    jobEnv: { PATH: path, LANG: 'C.UTF-8' },
    clock: { now: () => Date.now(), monotonicMs: () => performance.now() },
  })
}

export function jobRequest(run: string, more: Partial<JobRequest> = {}): JobRequest {
  return {
    claim: { uid: 'rep_1', generation: 1, attempt: 1 },
    setup: null,
    run,
    env: {},
    setupEnv: {},
    runEnv: {},
    workdirSource: null,
    ...more,
  }
}
