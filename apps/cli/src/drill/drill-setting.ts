import type { DrillRound } from '@skykeep/core/nouns'
import type { RecoveryReportView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import type { RequestHeaders } from './ask-once.ts'
import type { DrillOptions } from './drill-options.ts'
import type { BrokenStream } from './long-stream.ts'
import type { PlaneAsker } from './plane-asker.ts'

/** What the rounds of one drill have in common. */
export interface DrillSetting {
  readonly session: Session
  readonly asker: PlaneAsker
  readonly name: string
  readonly url: string
  readonly path: string
  /** Of each request: the drill's own key, where the service asks for one. */
  readonly headers: RequestHeaders
  readonly options: DrillOptions
  readonly signal: AbortSignal
  /** Tells a person, and the record, where the drill is. */
  readonly say: (phase: string) => void
}

/** Everything that one round showed. */
export interface RoundOutcome {
  readonly round: DrillRound
  readonly brokenStreams: readonly BrokenStream[]
  /** Replicas that ended although nobody killed them: `hello-3`. */
  readonly replaced: readonly string[]
  readonly reports: readonly RecoveryReportView[]
  /** Nodes of ours without a row that no earlier report named. */
  readonly newOrphans: readonly string[]
  /** Requests of the drill, and of others, that stand in the list of unfinished ones since the death. */
  readonly unfinished: number
  readonly unfinishedOfOthers: number
  /** Gateway processes that lived before. */
  readonly gateways: number
  /** Ready replicas before. */
  readonly readyReplicas: number
  /** pid of the supervisor that the drill started; null: none. */
  readonly startedSupervisor: number | null
}
