import type { Replica, Service } from '@skykeep/core/nouns'
import type { UnfinishedRequest } from '@skykeep/core/routes'
import type { ReplicaStatus } from '@skykeep/core/statuses'
import { isSkykeepError } from '@skykeep/core/errors'
import { findEndpoint } from '@skykeep/db/endpoints'
import { insertRecoveryReport } from '@skykeep/db/recovery-reports'
import { listUnfinished } from '@skykeep/db/unfinished-requests'
import { write, type ControllerContext } from '../context.ts'
import { collectUnfinished, logUnfinished, unfinishedLine } from '../routes/collect.ts'
import { getRunning } from '../routes/gateway-answers.ts'
import type { GatewayChannel } from '../routes/gateway-channel.ts'
import { Gateways } from '../routes/gateways.ts'

export interface RecoveryOptions {
  readonly context: ControllerContext
  readonly channel: GatewayChannel
  /** Why control was taken over: `plane started`, `worker restarted`. */
  readonly trigger: string
  /** Wall time at which this process started: unfinished requests reported since belong to this recovery. */
  readonly startedAtMs: number
  /** Nodes of ours that no row names, as the first sweep found them. */
  readonly orphans: () => readonly string[]
}

/** Most that one report lists. */
const unfinishedMax = 1000

const adoptedStatuses: readonly ReplicaStatus[] = ['STARTING', 'READY', 'NOT_READY']
const launchStatuses: readonly ReplicaStatus[] = ['PENDING', 'PROVISIONING']
const teardownStatuses: readonly ReplicaStatus[] = ['DRAINING', 'SHUTTING_DOWN']

/**
 * Writes what a new controller found when it took a service over: a row, an event and lines in the log. It reports only; the ordinary
 * loop does the rest.
 */
export class RecoveryReporter {
  readonly #options: RecoveryOptions
  /** What was in flight when this process came: asked once, so that all reports tell of the same moment. */
  #running: Promise<readonly UnfinishedRequest[]> | undefined

  #collected: Promise<void> | undefined

  constructor(options: RecoveryOptions) {
    this.#options = options
  }

  async report(service: Service, replicas: readonly Replica[]): Promise<void> {
    const { context, trigger, startedAtMs, orphans } = this.#options
    this.#running ??= this.#askRunning()
    this.#collected ??= this.#collect()
    await this.#collected
    const runningRequests = (await this.#running).filter(({ serviceUid }) => serviceUid === service.uid)
    const filter = { serviceUid: service.uid, sinceReportedMs: startedAtMs, limit: unfinishedMax }
    const unfinishedRequests = await listUnfinished(context.database, filter)
    const endpoint = await findEndpoint(context.database, service.uid)
    const named = (statuses: readonly ReplicaStatus[]): readonly string[] =>
      replicas
        .filter(({ status }) => statuses.includes(status))
        .map(({ serviceName, replicaId }) => `${serviceName}-${replicaId}`)
        .toSorted()
    const report = {
      uid: context.ids.uid('rpt'),
      serviceUid: service.uid,
      trigger,
      endpointPort: endpoint?.port ?? 0,
      adoptedReplicas: named(adoptedStatuses),
      resumedLaunches: named(launchStatuses),
      resumedTeardowns: named(teardownStatuses),
      orphans: orphans(),
      targetReplicas: service.targetReplicas,
      targetVersion: service.targetVersion,
      runningRequests,
      unfinishedRequests,
    }
    const message = `took over ${service.name}: ${report.adoptedReplicas.length} replicas adopted, ${runningRequests.length} requests running`
    await write(context, (tx) => insertRecoveryReport(tx, { report, serviceName: service.name, message }))
    context.log.info({ ...report, runningRequests: runningRequests.length }, message)
    logUnfinished(context, runningRequests, `${trigger}: still running in the gateway`)
    if (runningRequests.length + unfinishedRequests.length === 0) {
      context.log.info({ serviceUid: service.uid }, unfinishedLine([]))
    }
  }

  /** What gateways lost while no controller was there must stand in the report, not only in the rows that come later. */
  async #collect(): Promise<void> {
    const { context, channel } = this.#options
    const gateways = new Gateways(channel)
    try {
      await gateways.look(null)
      await collectUnfinished(context, gateways)
    } catch (error) {
      // The ordinary pass takes them as soon as it can; the report is only the poorer for it.
      context.log.warn({ err: error }, 'the unfinished requests come after the recovery report')
    }
  }

  async #askRunning(): Promise<readonly UnfinishedRequest[]> {
    const { channel } = this.#options
    const lists = await Promise.all(
      channel.living().map((name) =>
        getRunning(channel, name).catch((error: unknown) => {
          if (isSkykeepError(error)) return []
          throw error
        }),
      ),
    )
    return lists.flat()
  }
}
