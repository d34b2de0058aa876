import { fork } from 'node:child_process'
import { gatewayDrainOf } from '@skykeep/core/gateway-drain'
import { callControl } from '@skykeep/persistent-path/control'
import type { Layout } from '@skykeep/persistent-path/layout'
import type { ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { isProcessAlive, killProcess } from '@skykeep/persistent-path/process-identity'
import { listProcessRecords, readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { Gateway } from '@skykeep/gateway/gateway'
import type { Peer, ProcessHost } from '@skykeep/gateway/process-host'
import type { GatewayEnv } from './env.ts'
import { slotVariable } from './env.ts'
import { processName } from './process-name.ts'
import type { Site } from './site.ts'

const healthTries = 3
/** Of each try, also of one that fails at once: a process that is just starting has no control socket yet. */
const healthTryMs = 2000
const movePeerMs = 5000

/** The other living gateway processes of a path, by their runtime records. */
export function livingPeers(layout: Layout, self: ProcessIdentity): Peer[] {
  const peers: Peer[] = []
  for (const record of listProcessRecords(layout)) {
    const slot = /^gateway-(\d+)$/.exec(record.name)?.[1]
    if (slot === undefined || record.pid === self.pid || !isProcessAlive(record)) continue
    const socket = layout.socket(record.name)
    peers.push({ slot: Number(slot), identity: record, socket, isOfThisPath: record.socket === socket })
  }
  return peers
}

/** `silent`: it takes what is asked and does not answer; `absent`: nobody listens there, for the disk may be too full for a socket, or it is gone. */
export type Activity = 'serves' | 'drains' | 'silent' | 'absent'

/** What a process is at, as it says on its control socket at one of three tries of 2 s. */
export async function activityOf(peer: Peer): Promise<Activity> {
  let found: Activity = 'absent'
  for (let attempt = 0; attempt < healthTries; attempt += 1) {
    const untilMs = performance.now() + healthTryMs
    const call = { method: 'GET', path: '/health', timeoutMs: healthTryMs } as const
    try {
      return gatewayDrainOf(await callControl(peer.socket, call)) === null ? 'serves' : 'drains'
    } catch (error) {
      if (!isProcessAlive(peer.identity)) return 'absent'
      if (!isUnheard(error)) found = 'silent'
      await new Promise((resolve) => setTimeout(resolve, untilMs - performance.now()))
    }
  }
  return found
}

/** Of connect(2): no such socket, or nobody who listens. */
function isUnheard(error: unknown): boolean {
  const cause: unknown = error instanceof Error ? error.cause : undefined
  const code: unknown = cause instanceof Error ? Reflect.get(cause, 'code') : undefined
  return code === 'ENOENT' || code === 'ECONNREFUSED'
}

/** True when the record of the process is a copy: it answers elsewhere, for another path. */
export async function servesElsewhere(layout: Layout, peer: Peer): Promise<boolean> {
  const { socket } = readProcessRecord(layout, processName(peer.slot)) ?? {}
  if (socket === undefined || socket === peer.socket) return false
  try {
    const status = await callControl(socket, { method: 'GET', path: '/status' })
    const isObject = typeof status === 'object' && status !== null
    return (
      isObject &&
      Reflect.get(status, 'pid') === peer.identity.pid &&
      Reflect.get(status, 'root') !== layout.root
    )
  } catch {
    return false
  }
}

async function portCountOf(peer: Peer): Promise<number> {
  try {
    const status: unknown = await callControl(peer.socket, { method: 'GET', path: '/status' })
    const { pid, boundPorts }: { pid?: unknown; boundPorts?: unknown } = Object(status)
    // Two that were given one slot have one control socket.
    return pid === peer.identity.pid && Array.isArray(boundPorts) ? boundPorts.length : 0
  } catch {
    return 0
  }
}

export interface HostSource {
  readonly site: Site
  readonly gateway: Gateway
  readonly self: ProcessIdentity
  readonly env: GatewayEnv
  /** The file that this process runs. */
  readonly script: string
}

/** The world outside one gateway process. */
export function makeProcessHost(source: HostSource): ProcessHost {
  const { site, gateway, self, env, script } = source
  let known: readonly Peer[] = []
  return {
    livingPeers: () => {
      try {
        known = livingPeers(site.layout, self)
      } catch {
        // A disk that fails, no descriptor left: what is served goes on.
        known = known.filter((peer) => isProcessAlive(peer.identity))
      }
      return known
    },
    isAlive: isProcessAlive,
    kill: (identity) => killProcess(identity, 'SIGKILL'),
    // Detached: a signal to the leader's group or session must not reach its siblings.
    forkSibling: (slot) =>
      fork(script, [], {
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...environmentAt(env, site.layout.root), [slotVariable]: String(slot) },
      }),
    forkSuccessor: (slot, { command, environment }) => {
      const [execPath = process.execPath, ...rest] = command
      return fork(rest.at(-1) ?? script, [], {
        execPath,
        execArgv: rest.slice(0, -1),
        detached: true,
        stdio: ['ignore', 'inherit', 'inherit', 'ipc'],
        env: { ...environment, [slotVariable]: String(slot) },
      })
    },
    endIfStuck: async (peer) => {
      // One that cannot be asked may serve well.
      if (!peer.isOfThisPath || (await activityOf(peer)) !== 'silent') return false
      return killProcess(peer.identity, 'SIGKILL')
    },
    portCountOf,
    retire: async (peer, graceMs, idleMs) => {
      await callControl(peer.socket, { method: 'POST', path: '/stop', body: { graceMs, idleMs } })
    },
    move: (root) => site.moveTo(root, (places) => gateway.rebase(places)),
    movePeer: async (peer, root) => {
      const call = { method: 'POST', path: '/rebase', body: { root }, timeoutMs: movePeerMs } as const
      await callControl(peer.socket, call)
    },
    journalsFolder: () => site.layout.gatewayJournalsDir,
    exit: (code) => {
      site.leave()
      process.exit(code)
    },
  }
}

/** This process's environment as it is at another persistent path: whatever lay in the one it was started with lies there. */
function environmentAt({ all, persistentPath }: GatewayEnv, root: string): GatewayEnv['all'] {
  if (root === persistentPath) return all
  const moved = Object.entries(all).map(([name, value]): [string, string | undefined] => {
    const isInside = value === persistentPath || value?.startsWith(`${persistentPath}/`) === true
    return [name, isInside ? root + (value ?? '').slice(persistentPath.length) : value]
  })
  return Object.fromEntries(moved)
}
