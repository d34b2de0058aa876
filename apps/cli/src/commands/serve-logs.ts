import { SkykeepError } from '@skykeep/core/errors'
import type { LogChunk, ReplicaView } from '@skykeep/core/views'
import { serviceGoesOn } from '../client/goes-on.ts'
import type { Session } from '../client/session.ts'
import { follow } from '../client/stream.ts'
import { syncDown } from '../client/sync-down.ts'
import { exitCodes } from './failure.ts'
import type { LogsWish, ServeLogsOptions } from './logs-wish.ts'
import { followMerged, showMerged } from './serve-logs-merged.ts'
import { showProcessLines } from './serve-logs-process.ts'

const defaultTailBytes = 65_536
const limitBytesMax = 262_144

/** `skykeep serve logs NAME [REPLICA…]`: what replicas wrote, the newest replica where none is named. Returns the exit code. */
export async function serveLogs(session: Session, wish: LogsWish): Promise<number> {
  const { name, replicaIds, options } = wish
  if (options.controller === true || options.loadBalancer === true)
    return await showProcessLines(session, wish)
  if (options.syncDown !== undefined) return await syncDown(session, wish, options.syncDown)
  const isMerged = options.all === true || replicaIds.length > 1 || (await isUnborn(session, wish))
  const hasTimes = wish.sinceMs !== undefined || wish.untilMs !== undefined || options.tailLines !== undefined
  if (isMerged || hasTimes) {
    const chosen = isMerged ? replicaIds : [await newestUnless(session, name, replicaIds[0])]
    const merged = { ...wish, replicaIds: chosen }
    return options.follow === true ? await followMerged(session, merged) : await showMerged(session, merged)
  }
  return await showOne(session, name, { replicaId: replicaIds[0], options })
}

/** Followed before it has a replica: whichever come are shown, rather than none. */
async function isUnborn(
  { api, terminal }: Session,
  { name, replicaIds, options }: LogsWish,
): Promise<boolean> {
  if (options.follow !== true || replicaIds.length > 0) return false
  const { replicas } = await api.services.get.query({ name })
  if (replicas.length > 0) return false
  terminal.note(`${name} has no replica yet; what its replicas write is shown as soon as it comes`)
  return true
}

async function newestUnless(session: Session, name: string, replicaId: number | undefined): Promise<number> {
  return replicaId ?? choose((await session.api.services.get.query({ name })).replicas, name, undefined).id
}

async function showOne(
  session: Session,
  name: string,
  { replicaId, options }: { readonly replicaId: number | undefined; readonly options: ServeLogsOptions },
): Promise<number> {
  const service = await session.api.services.get.query({ name })
  const replica = choose(service.replicas, name, replicaId)
  const from = { service: name, replicaId: replica.id, tailBytes: options.tailBytes ?? defaultTailBytes }
  if (options.follow === true) return await followOne(session, from, options)
  const first = await session.api.logs.read.query({ ...from, limitBytes: limitBytesMax })
  if (options.json === true) {
    session.terminal.json({ service: name, replica: replica.id, ...first })
    return exitCodes.ok
  }
  let chunk = first
  while (chunk.text !== '') {
    session.terminal.write(chunk.text)
    const { nextOffset: offset } = chunk
    const next = { service: name, replicaId: replica.id, offset, limitBytes: limitBytesMax }
    chunk = await session.api.logs.read.query(next)
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

async function followOne(
  session: Session,
  from: { readonly service: string; readonly replicaId: number; readonly tailBytes: number },
  options: ServeLogsOptions,
): Promise<number> {
  return await follow<LogChunk>(session, {
    open: (resumed, handlers) => session.api.logs.follow.subscribe({ ...from, ...resumed }, handlers),
    onData: (chunk) => {
      if (options.json === true) session.terminal.print(JSON.stringify(chunk))
      else session.terminal.write(chunk.text)
      return chunk.isEnded
    },
    goesOn: serviceGoesOn(from.service),
  })
}
