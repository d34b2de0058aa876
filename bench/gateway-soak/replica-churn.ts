import { setTimeout as delay } from 'node:timers/promises'
import type { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import type { Causes } from './causes.ts'
import type { Fleet, Replica } from './fleet.ts'
import type { SoakService, Table } from './table.ts'

/** How long a replica that drains is waited for, ms: longer than most requests last. */
const drainMs = 6000
const longestGapMs = 500
const longestFreezeMs = 1200

export interface ReplicaChurnParts {
  readonly table: Table
  readonly fleet: Fleet
  readonly causes: Causes
  readonly random: SeededRandom
}

/** What happens to replicas: killed and replaced, killed and started again in place, drained and taken away, stopped for a while. */
export class ReplicaChurn {
  private readonly parts: ReplicaChurnParts

  constructor(parts: ReplicaChurnParts) {
    this.parts = parts
  }

  /** One thing happens to one replica; when this resolves its service has as many as before. */
  async once(): Promise<void> {
    const { table, random } = this.parts
    // One that passes shares its replica with another service.
    const services = table.services.filter(
      ({ replicas, isRouted, isPassing }) => isRouted && !isPassing && replicas.length > 0,
    )
    const service = services[random.below(services.length)]
    const replica = service?.replicas[random.below(service.replicas.length)]
    if (service === undefined || replica === undefined) return
    switch (random.below(8)) {
      case 0:
      case 1:
      case 2:
        return this.killAndReplace(service, replica)
      case 3:
      case 4:
        return this.killAndRestart(replica)
      case 5:
      case 6:
        return this.drainAway(service, replica)
      default:
        return this.freeze(replica)
    }
  }

  private async killAndReplace(service: SoakService, replica: Replica): Promise<void> {
    const { table, fleet, random } = this.parts
    await fleet.kill(replica)
    await delay(random.below(longestGapMs))
    const next = await fleet.add()
    service.replicas.splice(service.replicas.indexOf(replica), 1, next)
    await table.publish()
  }

  /** The table stays as it is: the gateway finds out by itself that it is gone, and that it is back. */
  private async killAndRestart(replica: Replica): Promise<void> {
    const { fleet, random } = this.parts
    await fleet.kill(replica)
    await delay(random.below(longestGapMs))
    await fleet.restart(replica)
  }

  /** As the worker scales in (invariant 10). */
  private async drainAway(service: SoakService, leaving: Replica): Promise<void> {
    const { table, fleet, causes } = this.parts
    causes.noteHarmless('replica drained and removed')
    service.replicas.push(await fleet.add())
    leaving.route = { ...leaving.route, isDraining: true }
    await table.publish()
    await this.untilUnused(leaving.uid)
    service.replicas.splice(service.replicas.indexOf(leaving), 1)
    await table.publish()
    if (await this.untilUnused(leaving.uid)) leaving.child.kill('SIGKILL')
    else await fleet.kill(leaving)
  }

  /** False: requests were still in flight to it when its time was over. */
  private async untilUnused(uid: string): Promise<boolean> {
    const deadline = performance.now() + drainMs
    for (;;) {
      const statuses = await this.parts.table.statuses()
      if (statuses.every(({ inFlight }) => inFlight[uid] === undefined)) return true
      if (performance.now() > deadline) return false
      await delay(50)
    }
  }

  /** It takes connections meanwhile, and answers nobody. */
  private async freeze({ child }: Replica): Promise<void> {
    const { causes, random } = this.parts
    causes.noteHarmless('replica stopped for a while')
    child.kill('SIGSTOP')
    await delay(random.below(longestFreezeMs))
    child.kill('SIGCONT')
  }
}
