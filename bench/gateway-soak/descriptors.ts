import { readdirSync, readFileSync, readlinkSync } from 'node:fs'
import { join } from 'node:path'

/** Fields of a line of /proc/net/tcp (proc_net_tcp): local address, remote address, state, bytes to send and to read, inode. */
const localAt = 1
const remoteAt = 2
const stateAt = 3
const queuesAt = 4
const inodeAt = 9

/** One end of a TCP connection: both ports, its state as the kernel numbers it, the bytes that wait to be sent and to be read (hexadecimal). */
interface End {
  readonly local: number
  readonly remote: number
  readonly state: string
  readonly queues: string
  /** Of the socket; 0 when no process has it any more. */
  readonly inode: string
}

/** All of this machine, by the inode of the socket. */
export type Connections = ReadonlyMap<string, End>

export function connectionsNow(): Connections {
  return new Map(endsNow().map((end) => [end.inode, end]))
}

function endsNow(): readonly End[] {
  const lines = readFileSync('/proc/net/tcp', 'utf8').trimEnd().split('\n').slice(1)
  return lines.map((line) => {
    const fields = line.trim().split(/\s+/)
    return {
      local: portOf(fields[localAt]),
      remote: portOf(fields[remoteAt]),
      state: fields[stateAt] ?? '',
      queues: fields[queuesAt] ?? '',
      inode: fields[inodeAt] ?? '',
    }
  })
}

/**
 * What processes have of the connection from a client's port to a port that is served: its own end, and the gateway's. What only the kernel still has (an
 * end in TIME_WAIT, which a connection from the same port may have left) is none.
 */
export function endsOfClient(port: number, served: number): readonly End[] {
  const isOfIt = ({ local, remote }: End): boolean =>
    (local === port && remote === served) || (local === served && remote === port)
  return endsNow().filter((end) => isOfIt(end) && end.inode !== '0')
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
