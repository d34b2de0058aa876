import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { breakLeases } from '@skykeep/db/leases'
import { migrate } from '@skykeep/db/migrate'
import { deletePlane, insertPlane, listPlanes } from '@skykeep/db/planes'
import { isProcessAlive, type ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import type { Log } from '@skykeep/telemetry/log'
import { hostname } from 'node:os'
import type { WorkerEnv } from './env.ts'
import { workerClock } from './worker-clock.ts'

/** This program's version, compared with what the schema asks for. */
const programVersion = '0.1.0'

export interface TakenOver {
  readonly database: Database
  readonly fence: number
  readonly installationId: string
  readonly owner: string
  readonly trigger: string
}

/** Brings the schema up to date, frees what dead workers of this host held, and registers this process life. */
export async function takeOver(
  env: WorkerEnv,
  log: Log,
  { self, planeUid }: { readonly self: ProcessIdentity; readonly planeUid: string },
): Promise<TakenOver> {
  const { databaseUrl: url, migrationsDir } = env
  await migrate({ url, migrationsDir, clock: workerClock, programVersion, log: (line) => log.info(line) })
  const database = await openDatabase({ url, clock: workerClock })
  const installation = await getInstallation(database)
  const fence = env.fence ?? installation.fence
  const before = (await listPlanes(database)).filter(({ role }) => role === 'worker')
  const trigger = before.some((plane) => plane.fence === fence) ? 'worker restarted' : 'plane started'
  const owner = ownerOf(self, planeUid)
  await database.transaction(
    async (tx) => {
      const isDead = (other: string): boolean => isProvenDead(other, self)
      // A reboot was not the rows' doing: it is not counted against them (invariant 19).
      const rebooted = (other: string): boolean => identityOf(other)?.bootId !== self.bootId && isDead(other)
      await breakLeases(tx, { isDead: rebooted, isCharged: false })
      const freed = await breakLeases(tx, { isDead, isCharged: true })
      if (freed > 0) log.info({ freed }, 'freed the rows of workers that died')
      for (const plane of before.slice(keptPlanes)) await deletePlane(tx, plane.uid)
      const { pid, bootId } = self
      const host = { hostname: hostname(), pid, bootId }
      await insertPlane(tx, { uid: planeUid, role: 'worker', ...host, program: programVersion, fence })
    },
    { fence },
  )
  return { database, fence, installationId: installation.uid, owner, trigger }
}

/** Process lives that stay listed, for the history. */
const keptPlanes = 10

function ownerOf({ bootId, pid, startTime }: ProcessIdentity, planeUid: string): string {
  return [hostname(), bootId, pid, startTime, planeUid].join(' ')
}

function identityOf(owner: string): (ProcessIdentity & { readonly host: string }) | undefined {
  const [host, bootId, pid, startTime] = owner.split(' ')
  if (host === undefined || bootId === undefined || pid === undefined || startTime === undefined)
    return undefined
  return { host, bootId, pid: Number(pid), startTime: Number(startTime) }
}

/** Only of this host can it be proven; the others' leases run out by themselves. */
function isProvenDead(owner: string, self: ProcessIdentity): boolean {
  const identity = identityOf(owner)
  if (identity === undefined || identity.host !== hostname()) return false
  return identity.bootId !== self.bootId || !isProcessAlive(identity)
}
