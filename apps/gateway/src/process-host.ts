import { fork } from 'node:child_process'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import { listProcessRecords } from '@skykeep/persistent-path/runtime-files'
import type { Peer, ProcessHost } from '@skykeep/gateway/gateway-process'
import type { GatewayEnv } from './env.ts'
import { slotVariable } from './env.ts'

const healthTries = 3

/** The name under which the gateway process of a slot is known. */
export function processName(slot: number): string {
  return `gateway-${slot}`
}

/** The other living gateway processes of a path, by their runtime records. */
export function livingPeers(layout: Layout, self: ProcessIdentity): Peer[] {
  const peers: Peer[] = []
  for (const record of listProcessRecords(layout)) {
    const slot = /^gateway-(\d+)$/.exec(record.name)?.[1]
    if (slot === undefined || record.pid === self.pid || !isProcessAlive(record)) continue
    peers.push({ slot: Number(slot), identity: record })
  }
  return peers
}

/** True when the process answers on its control socket at one of three tries of 2 s. */
export async function isAnswering(layout: Layout, peer: Peer): Promise<boolean> {
  for (let attempt = 0; attempt < healthTries; attempt += 1) {
    try {
      await callControl(layout.socket(processName(peer.slot)), { method: 'GET', path: '/health' })
      return true
    } catch {
      if (!isProcessAlive(peer.identity)) return false
    }
  }
  return false
}

export interface HostSource {
  readonly layout: Layout
  readonly self: ProcessIdentity
  readonly env: GatewayEnv
  /** The file that this process runs. */
  readonly script: string
  /** What the process does last. */
  readonly onExit: () => void
}

/** The world outside one gateway process. */
export function makeProcessHost(source: HostSource): ProcessHost {
  const { layout, self, env, script, onExit } = source
  return {
    livingPeers: () => livingPeers(layout, self),
    isAlive: isProcessAlive,
    kill: (identity) => killProcess(identity, 'SIGKILL'),
    // Detached: a signal to the leader's group or session must not reach its siblings.
    forkSibling: (slot) =>
      fork(script, [], {
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...env.all, [slotVariable]: String(slot) },
      }),
    retire: async (peer, graceMs) => {
      const socket = layout.socket(processName(peer.slot))
      await callControl(socket, { method: 'POST', path: '/stop', body: { graceMs } })
    },
    exit: (code) => {
      onExit()
      process.exit(code)
    },
  }
}
