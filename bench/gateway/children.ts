import { spawn, spawnSync, type ChildProcess, type ChildProcessByStdio } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { connect } from 'node:net'
import type { Readable, Writable } from 'node:stream'
import { withSbin } from './tools.ts'

/** Jiffies a second of /proc/PID/stat: USER_HZ, 100 on every Linux that runs Node. */
const jiffiesPerSecond = 100
const startMs = 20_000
const awakeMs = 60_000

/** Processes of a run, all ended with it. */
export class Children {
  readonly #children: ChildProcess[] = []

  /** Starts a program in the foreground, on one core. */
  start(core: number, command: readonly string[], env: NodeJS.ProcessEnv = {}): ChildProcess {
    const child = spawn('taskset', ['-c', String(core), ...command], {
      stdio: ['ignore', 'ignore', 'inherit'],
      env: { ...withSbin(), ...env },
    })
    this.#children.push(child)
    return child
  }

  /** As `start`, of a program that is spoken to. */
  startAsked(core: number, command: readonly string[]): ChildProcessByStdio<Writable, Readable, null> {
    const child = spawn('taskset', ['-c', String(core), ...command], { stdio: ['pipe', 'pipe', 'inherit'] })
    this.#children.push(child)
    return child
  }

  end(): void {
    for (const child of this.#children) if (child.exitCode === null) child.kill('SIGTERM')
  }
}

/** The process and all that it started, by pid. */
export function familyOf(pid: number): readonly number[] {
  const children = readdirSync(`/proc/${pid}/task`).flatMap((task) =>
    readFileSync(`/proc/${pid}/task/${task}/children`, 'utf8').split(' ').filter(Boolean).map(Number),
  )
  return [pid, ...children.flatMap((child) => familyOf(child))]
}

/** Seconds of a core that the processes have used so far, in user and kernel together. */
export function cpuSecondsOf(pids: readonly number[]): number {
  let jiffies = 0
  for (const pid of pids) {
    // Fields 14 and 15 of proc_pid_stat(5), counted behind the name, which may hold spaces.
    const fields = readFileSync(`/proc/${pid}/stat`, 'utf8').split(') ')[1]?.split(' ') ?? []
    jiffies += Number(fields[11]) + Number(fields[12])
  }
  return jiffies / jiffiesPerSecond
}

/** What a process has in memory (resident set), MiB. */
export function rssMiBOf(pid: number): number {
  return Number(/^VmRSS:\s+(\d+)/m.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024
}

/**
 * Keeps a core from halting until the answer is called, by a program that gives way to any other (SCHED_IDLE). A virtual processor that halted is
 * woken by its host, milliseconds late when the host is busy: a tail that has nothing to do with what is measured.
 */
export function keepAwake(core: number): () => void {
  // It ends by itself when this program is killed.
  const spin = `for (const end = Date.now() + ${awakeMs}; Date.now() < end;);`
  const command = ['-i', '0', 'taskset', '-c', String(core), process.execPath, '-e', spin]
  const child = spawn('chrt', command, { stdio: 'ignore' })
  return () => child.kill('SIGKILL')
}

/** Keeps a process that runs already, with all its threads, on one core. */
export function pin(pid: number, core: number): void {
  spawnSync('taskset', ['-a', '-cp', String(core), String(pid)])
}

/** Resolves once something takes connections on the port. @throws after 20 s. */
export async function untilListening(port: number): Promise<void> {
  const deadline = performance.now() + startMs
  while (!(await isOpen(port))) {
    if (performance.now() > deadline) throw new Error(`nothing listens on port ${port} after ${startMs} ms`)
    await new Promise((resolve) => setTimeout(resolve, 50))
  }
}

function isOpen(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1')
    socket.on('connect', () => {
      socket.destroy()
      resolve(true)
    })
    socket.on('error', () => resolve(false))
  })
}
