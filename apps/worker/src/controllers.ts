import { InfraReporter } from '@skykeep/controllers/infras/report-infras'
import { operationReconciler } from '@skykeep/controllers/operations/controller'
import { replicaReconciler } from '@skykeep/controllers/replicas/controller'
import { LivenessWatch } from '@skykeep/controllers/replicas/liveness'
import type { ReplicaParts } from '@skykeep/controllers/replicas/parts'
import { WatchMemory } from '@skykeep/controllers/replicas/watch-memory'
import type { GatewayChannel } from '@skykeep/controllers/routes/gateway-channel'
import { RoutePublisher, type RoutePublisherOptions } from '@skykeep/controllers/routes/publisher'
import { write, type ControllerContext } from '@skykeep/controllers/context'
import { serviceReconciler } from '@skykeep/controllers/services/controller'
import { RecoveryReporter } from '@skykeep/controllers/services/recovery'
import { Sweep } from '@skykeep/controllers/sweep/sweep'
import { wake } from '@skykeep/db/reconciliations'
import { getService } from '@skykeep/db/services'
import type { Reconciler } from '@skykeep/engine/engine'

type Own = keyof ControllerContext | 'routes' | 'memory' | 'liveness'

/** What the controllers need of the world around them; time, chance and every effect come from outside. */
export interface ControllersParts
  extends
    Omit<ReplicaParts, Own>,
    Pick<RoutePublisherOptions, 'channel' | 'writeTable' | 'versionDirOf' | 'gatewayZone'> {
  readonly context: ControllerContext
  readonly channel: GatewayChannel
  /** Why this process controls what it finds. */
  readonly trigger: string
  /** Asked for a pass of `routes` soon. */
  readonly onRoutesWake: () => void
}

/** Work that belongs to no row. */
interface Pass {
  readonly name: 'routes' | 'sweep' | 'infras' | 'liveness'
  /** @returns milliseconds until the next one unless woken. */
  readonly run: () => Promise<number>
}

export interface Controllers {
  readonly reconcilers: readonly Reconciler[]
  readonly passes: readonly Pass[]
  readonly publisher: RoutePublisher
  readonly sweep: Sweep
  /** A request waits for a replica of the service. @throws NOT_FOUND when there is no such service. */
  wakeParked(serviceUid: string): Promise<void>
}

const sweepEveryMs = 60_000
const infrasEveryMs = 10_000
const livenessEveryMs = 1_000

/** Every controller of one worker, wired to each other and started by nobody yet. */
export function buildControllers(parts: ControllersParts): Controllers {
  const { context, channel, trigger, onRoutesWake, writeTable, versionDirOf, gatewayZone, ...replicas } =
    parts
  const publisher = new RoutePublisher({
    context,
    channel,
    writeTable,
    versionDirOf,
    gatewayZone,
    onWake: onRoutesWake,
  })
  const sweep = new Sweep(context)
  const infras = new InfraReporter(context)
  const liveness = new LivenessWatch({ context, isProcessAlive: parts.isProcessAlive })
  const recovery = new RecoveryReporter({
    context,
    channel,
    trigger,
    startedAtMs: context.clock.now(),
    orphans: () => sweep.orphans,
  })
  const memory = new WatchMemory(context.clock)
  return {
    publisher,
    sweep,
    wakeParked: async (serviceUid) => {
      await getService(context.database, serviceUid)
      publisher.noteParked(serviceUid)
      await write(context, (tx) => wake(tx, serviceUid))
      onRoutesWake()
    },
    reconcilers: [
      operationReconciler({ ...context, routes: publisher }),
      serviceReconciler({
        ...context,
        routes: publisher,
        onTakeOver: (service, found) => recovery.report(service, found),
      }),
      replicaReconciler({ ...context, ...replicas, routes: publisher, memory, liveness }),
    ],
    passes: [
      { name: 'routes', run: () => publisher.pass() },
      { name: 'sweep', run: () => sweep.pass().then(() => sweepEveryMs) },
      { name: 'infras', run: () => infras.pass().then(() => infrasEveryMs) },
      { name: 'liveness', run: () => liveness.pass().then(() => livenessEveryMs) },
    ],
  }
}
