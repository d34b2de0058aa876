import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { migrate } from '@skykeep/db/migrate'
import type { DatabaseObserver } from '@skykeep/db/observer'
import { isProcessAlive, type ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import type { Log } from '@skykeep/telemetry/log'
import { hostname } from 'node:os'
import type { WorkerEnv } from './env.ts'
import { registerWorker } from './register-worker.ts'
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

/** The process life that takes over. */
interface Life {
  readonly self: ProcessIdentity
  readonly planeUid: string
  readonly observer: DatabaseObserver
}

/** Brings the schema up to date, frees what dead workers of this host held, and registers this process life. */
export async function takeOver(
  env: WorkerEnv,
  log: Log,
  { self, planeUid, observer }: Life,
): Promise<TakenOver> {
  const { databaseUrl: url, migrationsDir } = env
  await migrate({ url, migrationsDir, clock: workerClock, programVersion, log: (line) => log.info(line) })
  const database = await openDatabase({ url, clock: workerClock, observer })
  const installation = await getInstallation(database)
  const fence = env.fence ?? installation.fence
  const owner = ownerOf(self, planeUid)
  const { pid, bootId } = self
  const { trigger, freed } = await registerWorker(database, {
    plane: {
      uid: planeUid,
      role: 'worker',
      hostname: hostname(),
      pid,
      bootId,
      program: programVersion,
      fence,
    },
    isDead: (other) => isProvenDead(other, self),
    isRebooted: (other) => identityOf(other)?.bootId !== self.bootId && isProvenDead(other, self),
  })
  if (freed > 0) log.info({ freed }, 'freed the rows of workers that died')
  return { database, fence, installationId: installation.uid, owner, trigger }
}

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
