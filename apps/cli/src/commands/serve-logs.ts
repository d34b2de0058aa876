import { SkykeepError } from '@skykeep/core/errors'
import type { ReplicaView } from '@skykeep/core/views'
import type { Session } from '../client/session.ts'
import { exitCodes } from './failure.ts'

export interface ServeLogsOptions {
  readonly follow?: boolean
  /** Bytes from the end to start with. */
  readonly tailBytes?: number
  readonly json?: boolean
}

const defaultTailBytes = 65_536
const limitBytesMax = 262_144

/** `skykeep serve logs NAME [REPLICA]`: one replica's output, the newest replica's where none is named. */
export async function serveLogs(
  session: Session,
  name: string,
  replicaId: number | undefined,
  options: ServeLogsOptions,
): Promise<number> {
  const service = await session.api.services.get.query({ name })
  const replica = choose(service.replicas, name, replicaId)
  const from = { service: name, replicaId: replica.id, tailBytes: options.tailBytes ?? defaultTailBytes }
  if (options.follow === true) return await follow(session, from, options)
  const first = await session.api.logs.read.query({ ...from, limitBytes: limitBytesMax })
  if (options.json === true) {
    session.terminal.json({ service: name, replica: replica.id, ...first })
    return exitCodes.ok
  }
  let chunk = first
  while (chunk.text !== '') {
    session.terminal.write(chunk.text)
    const offset = chunk.nextOffset
    chunk = await session.api.logs.read.query({
      service: name,
      replicaId: replica.id,
      offset,
      limitBytes: limitBytesMax,
    })
  }
  return exitCodes.ok
}

function choose(replicas: readonly ReplicaView[], name: string, id: number | undefined): ReplicaView {
  const chosen =
    id === undefined
      ? replicas.toSorted((a, b) => b.id - a.id)[0]
      : replicas.find((replica) => replica.id === id)
  if (chosen !== undefined) return chosen
  const known = replicas.map((replica) => replica.id).toSorted((a, b) => a - b)
  throw new SkykeepError(
    'NOT_FOUND',
    id === undefined ? `${name} has no replica yet` : `${name} has no replica ${id}`,
    {
      hint:
        known.length === 0
          ? `See \`skykeep serve status ${name}\`.`
          : `Its replicas are ${known.join(', ')}.`,
    },
  )
}

async function follow(
  session: Session,
  from: { readonly service: string; readonly replicaId: number; readonly tailBytes: number },
  options: ServeLogsOptions,
): Promise<number> {
  return await new Promise((resolve, reject) => {
    const subscription = session.api.logs.follow.subscribe(from, {
      onData: ({ data }) => {
        if (options.json === true) session.terminal.print(JSON.stringify(data))
        else session.terminal.write(data.text)
        if (data.isEnded) {
          subscription.unsubscribe()
          resolve(exitCodes.ok)
        }
      },
      onError: reject,
      onComplete: () => resolve(exitCodes.ok),
    })
    process.once('SIGINT', () => {
      subscription.unsubscribe()
      resolve(exitCodes.interrupted)
    })
  })
}
