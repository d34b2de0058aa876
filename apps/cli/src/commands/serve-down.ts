import { SkykeepError } from '@skykeep/core/errors'
import type { Session } from '../client/session.ts'
import { seeAsked, type AskOptions } from './serve-pause.ts'

export interface ServeDownOptions extends AskOptions {
  /** Only this replica. */
  readonly replicaId?: number
  readonly purge?: boolean
}

/** `skykeep serve down NAME`: takes a service down, or ends one replica, and waits until nothing is left of it. Returns the exit code. */
export async function serveDown(session: Session, name: string, options: ServeDownOptions): Promise<number> {
  const { replicaId } = options
  if (replicaId === undefined) {
    const asked = await session.api.services.down.mutate({ name })
    return await seeAsked(session, asked, {
      ...options,
      doing: 'down',
      done: 'down',
      what: (service) => `serve down of ${service}`,
      takeBack: () => 'it cannot be taken back',
    })
  }
  const asked = await session.api.services.terminateReplica.mutate({ name, replicaId })
  return await seeAsked(session, asked, {
    ...options,
    doing: 'end',
    done: `replica ${replicaId} is gone:`,
    what: (service) => `the end of replica ${replicaId} of ${service}`,
    takeBack: () => 'it cannot be taken back; another replica takes its place',
  })
}

/** SkyPilot's `--purge` forgets a service while its machines may run on, unknown and paid for. Throws UNSUPPORTED. */
export function checkDown(name: string, { purge }: ServeDownOptions): void {
  if (purge !== true) return
  throw new SkykeepError('UNSUPPORTED', '--purge is not there, because nothing needs it', {
    userMessage:
      '--purge is not needed: `serve down` goes on, also over restarts, until the infra says that nothing of the service is left, and forgets it only then.',
    hint: `Run \`skykeep serve down ${name}\`; \`skykeep ops\` shows what it waits for.`,
  })
}
