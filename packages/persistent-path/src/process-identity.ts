import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bootId } from './boot-id.ts'

/** Names one process for ever: a pid alone is handed out again. */
export interface ProcessIdentity {
  readonly bootId: string
  readonly pid: number
  /** Linux: clock ticks since boot (field 22 of /proc/PID/stat, proc(5)); macOS: seconds since the Unix epoch. */
  readonly startTime: number
}

/** The identity of this process. */
export function selfIdentity(): ProcessIdentity {
  const own = identityOf(process.pid)
  if (own === undefined) throw new Error(`cannot read the start time of this process (pid ${process.pid})`)
  return own
}

/** The identity of the process that has this pid now; undefined when there is none or it is a zombie (dead, not yet reaped). */
export function identityOf(pid: number): ProcessIdentity | undefined {
  if (!Number.isSafeInteger(pid) || pid <= 0) return undefined
  const startTime = process.platform === 'linux' ? startTimeFromProc(pid) : startTimeFromPs(pid)
  return startTime === undefined ? undefined : { bootId: bootId(), pid, startTime }
}

/** True when both name the same process of the same boot. */
export function isSameProcess(a: ProcessIdentity, b: ProcessIdentity): boolean {
  return a.bootId === b.bootId && a.pid === b.pid && a.startTime === b.startTime
}

/** True when exactly this process exists (running, sleeping or stopped; not a zombie). Says nothing about whether it answers. */
export function isProcessAlive(identity: ProcessIdentity): boolean {
  const current = identityOf(identity.pid)
  return current !== undefined && isSameProcess(current, identity)
}

/**
 * Sends a signal to exactly this process: boot id, pid and start time are compared first, so that a reused pid is never hit.
 * Returns false, and does nothing, when that process is gone. Throws when the signal is not permitted (EPERM).
 */
export function killProcess(identity: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return sendSignal(identity, identity.pid, signal)
}

/** The same for the whole process group that exactly this process leads; false, too, when it leads none. */
export function killProcessGroup(leader: ProcessIdentity, signal: NodeJS.Signals): boolean {
  return sendSignal(leader, -leader.pid, signal)
}

function sendSignal(identity: ProcessIdentity, target: number, signal: NodeJS.Signals): boolean {
  if (!isProcessAlive(identity)) return false
  try {
    process.kill(target, signal)
    return true
  } catch (error) {
    if (isGone(error)) return false
    throw error
  }
}

/**
 * Start time and state letter of a line of /proc/PID/stat. The command (field 2) may hold spaces and parentheses, so fields are
 * counted from its last closing one. Undefined for a zombie, a dead process or a line of another form.
 */
export function startTimeOfStatLine(line: string): number | undefined {
  const afterCommand = line
    .slice(line.lastIndexOf(')') + 1)
    .trim()
    .split(/\s+/)
  const state = afterCommand[0]
  const startTime = Number(afterCommand[19])
  if (state === undefined || state === 'Z' || state === 'X' || state === 'x') return undefined
  return Number.isSafeInteger(startTime) ? startTime : undefined
}

function startTimeFromProc(pid: number): number | undefined {
  try {
    return startTimeOfStatLine(readFileSync(`/proc/${pid}/stat`, 'utf8'))
  } catch {
    return undefined
  }
}

function startTimeFromPs(pid: number): number | undefined {
  try {
    const plain = ['-i', 'PATH=/bin:/usr/bin', 'LC_ALL=C', 'TZ=UTC']
    const out = execFileSync('env', [...plain, 'ps', '-o', 'state=,lstart=', '-p', String(pid)], {
      encoding: 'utf8',
      stdio: ['ignore', 'pipe', 'ignore'],
    }).trim()
    if (out === '' || out.startsWith('Z')) return undefined
    const started = Date.parse(`${out.replace(/^\S+\s+/, '')} UTC`)
    return Number.isNaN(started) ? undefined : started / 1000
  } catch {
    return undefined
  }
}

function isGone(error: unknown): boolean {
  return error instanceof Error && 'code' in error && error.code === 'ESRCH'
}
