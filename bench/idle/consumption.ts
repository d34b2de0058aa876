import { readdirSync, readFileSync } from 'node:fs'

/** What one process has used since it began; everything from /proc (proc(5)). */
export interface Consumption {
  /** Its own and that of its children that ended. */
  readonly cpuSeconds: number
  readonly rssBytes: number
  /** Its part of the memory that it shares (the program's own pages are the same in each process), and all that it does not. */
  readonly pssBytes: number
  /** write(2) and its kin, on files, pipes and sockets. */
  readonly writeCalls: number
  /** What it caused to be sent to storage. */
  readonly writtenBytes: number
}

const ticksPerSecond = 100
const pageBytes = 4096

/** Undefined for a process that has ended. */
export function consumptionOf(pid: number): Consumption | undefined {
  try {
    return consumptionIn(`/proc/${pid}`)
  } catch {
    return undefined
  }
}

function consumptionIn(folder: string): Consumption {
  const stat = readFileSync(`${folder}/stat`, 'utf8')
  // From field 3 on: the command before it may hold spaces.
  const fields = stat.slice(stat.lastIndexOf(')') + 2).split(' ')
  const field = (number: number): number => Number(fields[number - 3])
  const io = readFileSync(`${folder}/io`, 'utf8')
  const counter = (name: string): number => Number(new RegExp(`^${name}: (\\d+)$`, 'm').exec(io)?.[1])
  return {
    cpuSeconds: (field(14) + field(15) + field(16) + field(17)) / ticksPerSecond,
    rssBytes: field(24) * pageBytes,
    pssBytes: Number(/^Pss: +(\d+) kB$/m.exec(readFileSync(`${folder}/smaps_rollup`, 'utf8'))?.[1]) * 1024,
    writeCalls: counter('syscw'),
    writtenBytes: counter('write_bytes'),
  }
}

/** Every process that was started for the path: what names it in its environment, its command line or its folder. */
export function processesOf(root: string): readonly { readonly pid: number; readonly command: string }[] {
  return readdirSync('/proc').flatMap((name) => {
    if (!/^\d+$/.test(name)) return []
    try {
      const command = readFileSync(`/proc/${name}/cmdline`, 'utf8').replaceAll('\0', ' ')
      const environment = readFileSync(`/proc/${name}/environ`, 'utf8')
      return command.includes(root) || environment.includes(root) ? [{ pid: Number(name), command }] : []
    } catch {
      return []
    }
  })
}

/** The shells and pumps of node-runtime that stand beside a replica. */
export function isOwnShell(command: string): boolean {
  return /^\S*(sh|bash|dash|awk|cat|tee|dd|sleep) /.test(command)
}
