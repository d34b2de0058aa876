import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Fields of a line of /proc/net/tcp (proc_net_tcp): local address, remote address, state, inode. */
const localAt = 1
const remoteAt = 2
const stateAt = 3
const inodeAt = 9

/** One end of a TCP connection: both ports, and its state as the kernel numbers it. */
interface End {
  readonly local: number
  readonly remote: number
  readonly state: string
}

/** All of this machine, by the inode of the socket. */
export type Connections = ReadonlyMap<string, End>

export function connectionsNow(): Connections {
  const connections = new Map<string, End>()
  for (const line of readFileSync('/proc/net/tcp', 'utf8').split('\n').slice(1)) {
    const fields = line.trim().split(/\s+/)
    const [local, remote] = [portOf(fields[localAt]), portOf(fields[remoteAt])]
    connections.set(fields[inodeAt] ?? '', { local, remote, state: fields[stateAt] ?? '' })
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
    const end = connections.get(inodeOf(target))
    if (end !== undefined && served.has(end.local)) ports.add(end.remote)
  }
  return ports
}

/** The same for people, sorted. */
export function shownDescriptors(pid: number): readonly string[] {
  const connections = connectionsNow()
  return descriptorsOf(pid)
    .map((target) => {
      const end = connections.get(inodeOf(target))
      if (end !== undefined) return `tcp ${end.local} ${end.remote} ${end.state}`
      return target.replace(/^(\w+):\[\d+\]$/, '$1')
    })
    .toSorted()
}

function inodeOf(target: string): string {
  return /^socket:\[(\d+)\]$/.exec(target)?.[1] ?? ''
}

function portOf(address = ''): number {
  return Number.parseInt(address.split(':')[1] ?? '', 16)
}

/** What each descriptor of a process is. */
export function descriptorsOf(pid: number): readonly string[] {
  const folder = `/proc/${pid}/fd`
  return readdirSync(folder).flatMap((name) => {
    try {
      return readlinkSync(join(folder, name))
    } catch {
      return []
    }
  })
}
