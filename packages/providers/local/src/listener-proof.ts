import { readFile } from 'node:fs/promises'
import type { ListenerProof } from '@skykeep/provider-contract/capabilities'
import { processesOfNode, socketInodesOf } from '@skykeep/provider-contract/node-processes'

/** State column of /proc/net/tcp: TCP_LISTEN. */
const listening = '0A'

/**
 * Follows the listener of a local port from its socket's inode to a process of the node of that mark (invariant 9). Linux only.
 * A port that several processes share by SO_REUSEPORT is OWNED only when every listener is the node's.
 */
export async function proveListener(mark: string, port: number): Promise<ListenerProof> {
  const inodes = new Set([
    ...(await listenersIn('/proc/net/tcp', port)),
    ...(await listenersIn('/proc/net/tcp6', port)),
  ])
  if (inodes.size === 0) return { kind: 'NONE', pid: null, reason: `nothing listens on port ${port}` }
  const owners = new Map<string, number>()
  for (const { pid } of await processesOfNode(mark)) {
    for (const inode of await socketInodesOf(pid))
      if (inodes.has(inode) && !owners.has(inode)) owners.set(inode, pid)
  }
  const [firstOwner] = owners.values()
  if (firstOwner !== undefined && owners.size === inodes.size) {
    return {
      kind: 'OWNED',
      pid: firstOwner,
      reason: `process ${firstOwner} of this node listens on port ${port}`,
    }
  }
  return { kind: 'FOREIGN', pid: null, reason: `port ${port} is held by a process that is not of this node` }
}

/** Inodes of the sockets that listen on the port (proc(5), /proc/net/tcp). */
async function listenersIn(path: string, port: number): Promise<readonly string[]> {
  const text = await readFile(path, 'utf8').catch(() => '')
  const suffix = `:${port.toString(16).toUpperCase().padStart(4, '0')}`
  return text
    .split('\n')
    .slice(1)
    .map((line) => line.trim().split(/\s+/))
    .filter((columns) => columns[1]?.endsWith(suffix) === true && columns[3] === listening)
    .map((columns) => columns[9] ?? '')
    .filter((inode) => inode !== '' && inode !== '0')
}
