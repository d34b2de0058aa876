import { readFileSync } from 'node:fs'
import { descriptorsOf } from './at-rest.ts'

/** Fields of a line of /proc/net/tcp (proc_net_tcp): local address, remote address, inode. */
const localAt = 1
const remoteAt = 2
const inodeAt = 9

/** One end of each TCP connection of this machine: the ports of both, by the inode of its socket. */
export type Connections = ReadonlyMap<string, { readonly local: number; readonly remote: number }>

export function connectionsNow(): Connections {
  const connections = new Map<string, { local: number; remote: number }>()
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    const ends = { local: portOf(fields[localAt]), remote: portOf(fields[remoteAt]) }
    connections.set(fields[inodeAt] ?? '', ends)
  }
  return connections
}

/** The ports from which clients are connected to a process, on whatever of `served` they came in. */
export function clientPortsOf(
  pid: number,
  served: ReadonlySet<number>,
  connections: Connections = connectionsNow(),
): ReadonlySet<number> {
  const ports = new Set<number>()
  for (const target of descriptorsOf(pid)) {
    const ends = connections.get(/^socket:\[(\d+)\]$/.exec(target)?.[1] ?? '')
    if (ends !== undefined && served.has(ends.local)) ports.add(ends.remote)
  }
  return ports
}

function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}
