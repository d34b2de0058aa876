import type { Replica } from '@skykeep/core/nouns'
import type { ReadinessProbe } from '@skykeep/core/service-spec'
import type { NodeRuntime } from '@skykeep/node-runtime/node-runtime'
import type { ControllerContext } from '../context.ts'
import type { RouteView } from '../routes/route-view.ts'
import type { ProbeResult } from './http-probe.ts'
import type { LivenessWatch } from './liveness.ts'
import type { LocalProcess } from './local-process.ts'
import type { WatchMemory } from './watch-memory.ts'

/** What the replica controller is given beside the common context. */
export interface ReplicaParts extends ControllerContext {
  /** What starts, describes and stops jobs on nodes. */
  readonly runtime: Pick<NodeRuntime, 'startJob' | 'describeJob' | 'stopJob'>
  /** Asks one replica whether it is ready; never throws for the replica's sake. */
  probe(
    address: { readonly host: string; readonly port: number },
    probe: ReadinessProbe,
  ): Promise<ProbeResult>
  readonly routes: RouteView
  readonly memory: WatchMemory
  readonly liveness: LivenessWatch
  /** Longest that one call to an infra or a node may take: well under half of a lease (invariant 2). Milliseconds. */
  readonly effectDeadlineMs: number
  /** Absolute path of the version's immutable working folder. */
  workdirOf(serviceUid: string, version: number): string
  /** Decrypted secrets of a version, by name. @throws KEY_MISSING */
  secretsOf(serviceUid: string, version: number): Promise<Readonly<Record<string, string>>>
  /** True when nothing of this machine listens on the port now. */
  isPortFree(host: string, port: number): Promise<boolean>
  /** One look at /proc, no more. */
  isProcessAlive(process: LocalProcess): boolean
  /** Where the replica's log is kept once its node is gone. */
  logFolderOf(replica: Replica): string
}
