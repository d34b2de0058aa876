import type { ProcessView } from './context.ts'
import type { StorageView } from './storage-watch.ts'

/** The answer to `GET /status` on runtime/supervisor.sock. */
export interface SupervisorStatus {
  readonly role: 'active'
  readonly pid: number
  readonly persistentPath: string
  readonly build: string
  /** 0 while it is still taking over. */
  readonly fence: number
  readonly storage: StorageView
  readonly processes: readonly ProcessView[]
  /** True once web, worker and gateway all answer. */
  readonly isReady: boolean
  /** Why the path that config.yaml names now is not followed, and what to do; absent: it names this one. */
  readonly pathProblem?: string
}
