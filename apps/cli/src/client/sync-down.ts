import { createWriteStream, mkdirSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { Readable } from 'node:stream'
import { pipeline } from 'node:stream/promises'
import { SkykeepError } from '@skykeep/core/errors'
import { exitCodes } from '../commands/failure.ts'
import type { LogsWish } from '../commands/logs-wish.ts'
import { size } from '../output/size.ts'
import type { Session } from './session.ts'

const limitBytes = 262_144

/**
 * Writes the whole log of each replica that is named, else of all that live or are remembered, into a folder of this machine, one file
 * each, and what worker and gateway wrote about the service. Returns the exit code. Throws INVALID_INPUT where the folder takes nothing.
 */
export async function syncDown(session: Session, wish: LogsWish, folder: string): Promise<number> {
  const { api, env, terminal } = session
  const { name, replicaIds } = wish
  const target = path.resolve(env.cwd, folder)
  const { replicas } = await api.services.get.query({ name })
  const ids = replicaIds.length > 0 ? replicaIds : replicas.map(({ id }) => id).toSorted((a, b) => a - b)
  try {
    mkdirSync(target, { recursive: true })
    for (const replicaId of ids) {
      const file = path.join(target, `${name}-${replicaId}.log`)
      const written = createWriteStream(file, { mode: 0o600 })
      await pipeline(Readable.from(textOf(session, name, replicaId)), written)
      if (wish.options.json !== true) terminal.print(`${file}  ${size(written.bytesWritten)}`)
    }
    for (const part of ['controller', 'load-balancer'] as const) {
      const lines = await api.logs.process.query({ service: name, part, tailLines: 10_000 })
      const text = lines.map((line) => `${JSON.stringify(line)}\n`).join('')
      writeFileSync(path.join(target, `${part}.log`), text, { mode: 0o600 })
    }
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : ''
    if (!/^E[A-Z]+$/.test(code)) throw cause
    throw new SkykeepError('INVALID_INPUT', `--sync-down ${target}: cannot be written (${code})`, {
      hint: 'Name a folder that you may write to.',
      cause,
    })
  }
  if (wish.options.json === true) terminal.json({ folder: target, replicas: ids })
  return exitCodes.ok
}

async function* textOf({ api }: Session, service: string, replicaId: number): AsyncGenerator<string> {
  for (let offset = 0; ;) {
    const { text, nextOffset } = await api.logs.read.query({ service, replicaId, offset, limitBytes })
    if (text === '') return
    offset = nextOffset
    yield text
  }
}
