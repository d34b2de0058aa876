import { join } from 'node:path'
import type { Replica } from '@skykeep/core/nouns'
import { FolderLog } from '@skykeep/logs/folder-log'
import type { FollowRequest, LogChunk, LogRange, LogSource } from '@skykeep/logs/log-source'
import type { LogTimes } from '@skykeep/logs/log-times'
import { readLogFolder } from '@skykeep/logs/segments'
import type { Layout } from '@skykeep/persistent-path/layout'
import { watching } from './watching.ts'

/** The log of a replica on this machine: where its node writes it, and where it is kept once the node is gone. */
export function replicaLogs(layout: Layout): (replica: Replica) => LogSource {
  return (replica) => {
    const kept = join(layout.serviceLogsDir(replica.serviceUid), String(replica.replicaId))
    const written = writtenFolder(layout, replica)
    return new CountedLog(written === null ? new FolderLog(kept) : new MovingLog(kept, written))
  }
}

/** Must follow `jobLogFolder` of node-runtime and the roots that the worker gives its providers; null without a job. */
function writtenFolder(layout: Layout, { infra, nodeId, jobId }: Replica): string | null {
  if (nodeId === null || jobId === null) return null
  const home = infra === 'sim' ? join(layout.localDir, '.sim', nodeId) : layout.localNodeDir(nodeId)
  return join(home, '.skykeep', 'jobs', jobId, 'log')
}

/** The same log; what is read of it is counted. */
class CountedLog implements LogSource {
  readonly #log: LogSource

  constructor(log: LogSource) {
    this.#log = log
  }

  async read(range: LogRange): Promise<LogChunk> {
    return counted(await this.#log.read(range))
  }

  times(): Promise<LogTimes | null> {
    return this.#log.times()
  }

  async *follow(request: FollowRequest): AsyncIterable<LogChunk> {
    for await (const chunk of this.#log.follow(request)) yield counted(chunk)
  }
}

function counted(chunk: LogChunk): LogChunk {
  watching().web.logBytes.inc(chunk.bytes.length)
  return chunk
}

/** A log that is copied to where it is kept before its folder goes; offsets stay as they were. */
class MovingLog implements LogSource {
  readonly #kept: string
  readonly #written: string

  constructor(kept: string, written: string) {
    this.#kept = kept
    this.#written = written
  }

  async read(range: LogRange): Promise<LogChunk> {
    return await new FolderLog((await this.#isKept()) ? this.#kept : this.#written).read(range)
  }

  async times(): Promise<LogTimes | null> {
    return await new FolderLog((await this.#isKept()) ? this.#kept : this.#written).times()
  }

  async *follow({ offset, signal }: FollowRequest): AsyncIterable<LogChunk> {
    let next = offset
    if (!(await this.#isKept())) {
      for await (const chunk of new FolderLog(this.#written).follow({ offset, signal })) {
        next = chunk.nextOffset
        yield chunk
        if (chunk.isEnded) return
      }
    }
    if (!signal.aborted && (await this.#isKept()))
      yield* new FolderLog(this.#kept).follow({ offset: next, signal })
  }

  /** True once the copy is complete. */
  async #isKept(): Promise<boolean> {
    return (await readLogFolder(this.#kept))?.hasEndMark === true
  }
}
