import { readdirSync, rmSync } from 'node:fs'
import { join } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import {
  listProcessRecords,
  type ProcessRecord,
  removeProcessRecord,
  writeProcessRecord,
} from '@skykeep/persistent-path/runtime-files'

const rebaseMs = 15_000

/** The living gateway processes of a path, leader first. */
export function gatewaysOf(layout: Layout): readonly ProcessRecord[] {
  return listProcessRecords(layout)
    .filter((record) => /^gateway-\d+$/.test(record.name) && isProcessAlive(record))
    .toSorted((a, b) => (a.name < b.name ? -1 : 1))
}

/** Refuses gateways that cannot change their path while they serve. @throws UNSUPPORTED, UNAVAILABLE */
export async function requireRebasable(layout: Layout): Promise<void> {
  for (const record of gatewaysOf(layout)) {
    const socket = record.socket ?? layout.socket(record.name)
    const status = await callControl(socket, { method: 'GET', path: '/status' })
    if (typeof status === 'object' && status !== null && 'root' in status) continue
    throw new SkykeepError(
      'UNSUPPORTED',
      `${record.name} (pid ${record.pid}) is of a build that cannot follow a move`,
      {
        hint: 'End it when it suits (`skykeep stop`), start again, and repeat the move.',
      },
    )
  }
}

/** Takes the journals of living gateway processes out of a copied folder: each writes its own anew where it goes. */
export async function dropLivingJournals(from: Layout, to: Layout): Promise<void> {
  for (const record of gatewaysOf(from)) {
    const socket = record.socket ?? from.socket(record.name)
    const status = await callControl(socket, { method: 'GET', path: '/status' }).catch(() => undefined)
    const epoch: unknown =
      typeof status === 'object' && status !== null ? Reflect.get(status, 'epoch') : undefined
    if (typeof epoch !== 'string' || epoch === '') continue
    for (const name of readdirSync(to.gatewayJournalsDir, { recursive: true, encoding: 'utf8' }))
      if (name.includes(epoch)) rmSync(join(to.gatewayJournalsDir, name), { force: true, recursive: true })
  }
}

/**
 * Tells every gateway process of a path to serve from another one: sockets and connections stay. Afterwards its records are the new path's. Does
 * nothing for those that were told before. @returns how many. @throws UNAVAILABLE when one does not do it.
 */
export async function rebaseGateways(from: Layout, to: Layout): Promise<number> {
  const records = gatewaysOf(from)
  for (const record of records) {
    const socket = record.socket ?? from.socket(record.name)
    await callControl(socket, {
      method: 'POST',
      path: '/rebase',
      body: { root: to.root },
      timeoutMs: rebaseMs,
    })
    writeProcessRecord(to, { ...record, socket: to.socket(record.name) })
    removeProcessRecord(from, record.name, record)
  }
  return records.length
}
