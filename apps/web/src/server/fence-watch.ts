import { isSkykeepError } from '@skykeep/core/errors'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import type { Watch } from '@skykeep/db/watch'
import { logLine } from './process-log.ts'

export interface FenceWatchSource {
  readonly db: Database
  readonly watch: Pick<Watch, 'onChange'>
  readonly fence: number
  /** True: a supervisor started us with this number, and a process that lost it ends. */
  readonly isSupervised: boolean
}

/** Exit code of a process whose plane was replaced. */
const fencedExitCode = 75
const lookAtMostEveryMs = 1000

/** Looks at the fencing number after changes; a supervised process that lost it exits, so that it serves nothing stale. */
export function watchFence({ db, watch, fence, isSupervised }: FenceWatchSource): {
  readonly isActive: () => boolean
} {
  let isActive = true
  let timer: NodeJS.Timeout | undefined
  const look = async (): Promise<void> => {
    timer = undefined
    try {
      isActive = (await getInstallation(db)).fence === fence
    } catch (error) {
      // A database that cannot be read says nothing of who holds it; the next change looks again.
      if (!isSkykeepError(error)) throw error
    }
    if (isActive || !isSupervised) return
    logLine('error', `another control plane took over (this one held fence ${fence}); exits`)
    process.exit(fencedExitCode)
  }
  watch.onChange(() => {
    timer ??= setTimeout(() => void look(), lookAtMostEveryMs).unref()
  })
  return { isActive: () => isActive }
}
