import { readdir, readFile, readlink } from 'node:fs/promises'
import { nodeMarker } from './spawn-runner.ts'

export interface NodeProcess {
  readonly pid: number
  /** Clock ticks since boot: with the pid, an identity within one boot. */
  readonly startTime: number
  readonly session: number
}

/**
 * The processes of a node on this machine: those that carry its marker, and everything in a session that one of them
 * leads. Empty where there is no /proc. A process that clears its environment and leaves its session is not found:
 * that is what a pid namespace or a cgroup is for.
 */
export async function processesOfNode(mark: string): Promise<readonly NodeProcess[]> {
  const all: NodeProcess[] = []
  const marked = new Set<number>()
  for (const name of await readdir('/proc').catch(() => [])) {
    const pid = Number(name)
    if (!Number.isInteger(pid) || pid === process.pid) continue
    const found = await processOf(pid)
    if (found === null) continue
    all.push(found)
    if (await isMarked(pid, mark)) marked.add(pid)
  }
  return all.filter(({ pid, session }) => marked.has(pid) || marked.has(session))
}

/**
 * Sends SIGKILL to every process of the node until none is left, at most `rounds` times with 50 ms between.
 * Returns how many are left. A pid whose start time has changed is never signalled.
 */
export async function killNodeProcesses(mark: string, rounds = 60): Promise<number> {
  let left = await processesOfNode(mark)
  for (let round = 0; round < rounds && left.length > 0; round += 1) {
    for (const member of left) await killProcess(member)
    await new Promise((resolve) => setTimeout(resolve, 50))
    left = await processesOfNode(mark)
  }
  return left.length
}

async function killProcess(member: NodeProcess): Promise<void> {
  const now = await processOf(member.pid)
  if (now?.startTime !== member.startTime) return
  try {
    process.kill(member.pid, 'SIGKILL')
  } catch {
    // It ended by itself.
  }
}

/** The inode numbers of the sockets that a process holds. */
export async function socketInodesOf(pid: number): Promise<ReadonlySet<string>> {
  const inodes = new Set<string>()
  for (const fd of await readdir(`/proc/${pid}/fd`).catch(() => [])) {
    const target = await readlink(`/proc/${pid}/fd/${fd}`).catch(() => '')
    const inode = /^socket:\[(\d+)\]$/.exec(target)?.[1]
    if (inode !== undefined) inodes.add(inode)
  }
  return inodes
}

async function processOf(pid: number): Promise<NodeProcess | null> {
  const text = await readFile(`/proc/${pid}/stat`, 'utf8').catch(() => null)
  if (text === null) return null
  // proc(5): the name in parentheses may hold anything, so fields are counted from the last one.
  const fields = text.slice(text.lastIndexOf(')') + 2).split(' ')
  if (fields[0] === 'Z' || fields[0] === 'X') return null
  return { pid, session: Number(fields[3]), startTime: Number(fields[19]) }
}

async function isMarked(pid: number, mark: string): Promise<boolean> {
  const environment = await readFile(`/proc/${pid}/environ`, 'latin1').catch(() => '')
  return `\0${environment}\0`.includes(`\0${nodeMarker}=${mark}\0`)
}
