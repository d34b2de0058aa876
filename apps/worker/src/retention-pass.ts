import { statfsSync } from 'node:fs'
import type { ControllerContext } from '@skykeep/controllers/context'
import { Retention } from '@skykeep/controllers/retention/retention'
import type { StorageHealth } from '@skykeep/controllers/storage-health'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { WorkerEnv } from './env.ts'

/** What a plane that has just started does first is not this. */
const firstAfterMs = 20_000

export interface RetentionSource {
  readonly context: ControllerContext
  readonly env: Pick<WorkerEnv, 'retention' | 'reserveBytes'>
  readonly layout: Layout
  readonly storage: StorageHealth
}

/** Keeps history, logs and files within their limits. @returns a pass to be repeated: the first only waits. */
export function retentionPass({ context, env, layout, storage }: RetentionSource): () => Promise<number> {
  const retention = new Retention({
    ...context,
    storage,
    limits: env.retention,
    paths: layout,
    reserveBytes: env.reserveBytes,
    space: () => {
      const { bavail, blocks, bsize } = statfsSync(layout.root)
      return { freeBytes: bavail * bsize, totalBytes: blocks * bsize }
    },
    writeFile: writeFileAtomic,
  })
  let hasWaited = false
  return async () => {
    if (hasWaited) return await retention.pass()
    hasWaited = true
    return firstAfterMs
  }
}
