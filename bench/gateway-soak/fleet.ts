import { fork } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import type { AddressInfo } from 'node:net'
import { join } from 'node:path'
import type { ReplicaRoute } from '@skykeep/core/routes'
import type { Causes } from './causes.ts'

/** A replica's process, and its place in the table. */
export interface Replica {
  readonly uid: string
  child: ChildProcess
  route: ReplicaRoute
}

/** Processes of replicas: started, killed and started again where they were. */
export class Fleet {
  /** Uid by the small number that access lines name. */
  readonly uids = new Map<number, string>()
  private readonly causes: Causes
  private readonly children = new Set<ChildProcess>()
  private lastId = 0

  constructor(causes: Causes) {
    this.causes = causes
  }

  async add(): Promise<Replica> {
    this.lastId += 1
    const replicaId = this.lastId
    const uid = `rep_${replicaId}`
    this.uids.set(replicaId, uid)
    const { child, port } = await this.fork(0, uid)
    const version = 1 + (replicaId % 2)
    return {
      uid,
      child,
      route: { replicaUid: uid, replicaId, version, host: '127.0.0.1', port, isDraining: false },
    }
  }

  private async fork(port: number, uid: string): Promise<{ child: ChildProcess; port: number }> {
    const child = fork(join(import.meta.dirname, 'replica.ts'), [String(port), uid])
    this.children.add(child)
    child.once('exit', () => this.children.delete(child))
    // Sent by the replica: a TCP server has an AddressInfo.
    const address = await new Promise<AddressInfo>((resolve) =>
      child.once('message', (sent) => resolve(sent as AddressInfo)),
    )
    return { child, port: address.port }
  }

  /** Whatever it has in hand breaks. Resolves once it is dead. */
  async kill({ child, uid }: Replica): Promise<void> {
    const end = this.causes.begin('replica killed', uid)
    const dead = new Promise((resolve) => child.once('exit', resolve))
    child.kill('SIGKILL')
    await dead
    end()
  }

  /** Starts it again under its uid, on its port. */
  async restart(replica: Replica): Promise<void> {
    const { child } = await this.fork(replica.route.port, replica.uid)
    replica.child = child
  }

  end(): void {
    for (const child of this.children) child.kill('SIGKILL')
  }
}
