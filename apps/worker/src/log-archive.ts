import { closeSync, fsyncSync, ftruncateSync, mkdirSync, openSync, writeSync } from 'node:fs'
import { join } from 'node:path'
import type { ReadLog } from '@skykeep/controllers/replicas/parts'
import type { Replica } from '@skykeep/core/nouns'
import type { Layout } from '@skykeep/persistent-path/layout'

/** What is kept of one replica's log. */
const capBytes = 64 << 20

/** Where the log of a replica lies once its node is gone. */
export function archivedLogFile(layout: Layout, { serviceUid, replicaId }: Replica): string {
  return join(layout.serviceLogsDir(serviceUid), `replica-${replicaId}.log`)
}

/** Copies a replica's log off its node, from the start, so that a crash in between only means to copy it again. */
export async function archiveLog(layout: Layout, replica: Replica, read: ReadLog): Promise<void> {
  mkdirSync(layout.serviceLogsDir(replica.serviceUid), { recursive: true, mode: 0o700 })
  const file = openSync(archivedLogFile(layout, replica), 'w', 0o600)
  try {
    ftruncateSync(file, 0)
    let offset = 0
    let written = 0
    for (let chunk = await read(offset); chunk !== null && written < capBytes; chunk = await read(offset)) {
      written += writeSync(file, chunk.bytes)
      offset = chunk.nextOffset
    }
    fsyncSync(file)
  } finally {
    closeSync(file)
  }
}
