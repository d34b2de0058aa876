import { spawn } from 'node:child_process'
import type { ChildProcess } from 'node:child_process'
import { access, constants as fsConstants, open, stat } from 'node:fs/promises'
import { constants } from 'node:os'
import { isAbsolute, join } from 'node:path'
import { copyTree } from './copy-tree.ts'
import { isProviderError, ProviderError } from './errors.ts'
import type { ExecRequest, ExecResult, FileRange, Runner } from './runner.ts'

export interface SpawnRunnerPlace {
  readonly nodeId: string
  /** What marks the processes of this node and of no other, also of another installation on this machine. */
  readonly mark: string
  /** Absolute path of an existing folder. */
  readonly home: string
  readonly host: string
  readonly jobEnv: Readonly<Record<string, string>>
}

/** The variable that marks every process of a node, so that they can be found again. */
export const nodeMarker = 'SKYKEEP_NODE'

const defaultTimeoutMs = 30_000
const defaultOutputLimitBytes = 1024 * 1024
/** How long an ended command's children may hold its output open before it counts as read to the end. */
const lingerMs = 1_000

/** A runner that starts processes on this machine, in a folder that plays the node. */
export function createSpawnRunner(place: SpawnRunnerPlace): Runner {
  const absolute = (path: string): string => (isAbsolute(path) ? path : join(place.home, path))
  return {
    nodeId: place.nodeId,
    home: place.home,
    host: place.host,
    jobEnv: place.jobEnv,
    exec: async (argv, request = {}) => {
      await assertHome(place)
      return run(place, await prefixed(argv), request)
    },
    putTree: async (localDir, remotePath) => {
      await assertHome(place)
      await copyTree(localDir, absolute(remotePath)).catch((error: unknown) => {
        throw fromFileSystem(error, `copying a folder to ${remotePath} on ${place.nodeId}`)
      })
    },
    getFileRange: (path, range) =>
      readRange(absolute(path), range).catch((error: unknown) => {
        throw fromFileSystem(error, `reading ${path} on ${place.nodeId}`)
      }),
  }
}

async function assertHome(place: SpawnRunnerPlace): Promise<void> {
  const found = await stat(place.home).catch(() => null)
  if (found?.isDirectory() !== true)
    throw new ProviderError('not-found', `node ${place.nodeId} has no folder any more`)
}

let setprivPath: Promise<string | null> | undefined

/** `setpriv --pdeathsig KILL` lets the kernel end a command with its caller (invariant 2). Linux only. */
async function prefixed(argv: readonly string[]): Promise<readonly string[]> {
  setprivPath ??= firstExecutable(['/usr/bin/setpriv', '/bin/setpriv'])
  const setpriv = await setprivPath
  return setpriv === null ? argv : [setpriv, '--pdeathsig', 'KILL', '--', ...argv]
}

async function firstExecutable(paths: readonly string[]): Promise<string | null> {
  if (process.platform !== 'linux') return null
  for (const path of paths) {
    const isExecutable = await access(path, fsConstants.X_OK).then(
      () => true,
      () => false,
    )
    if (isExecutable) return path
  }
  return null
}

function run(place: SpawnRunnerPlace, argv: readonly string[], request: ExecRequest): Promise<ExecResult> {
  const [command, ...rest] = argv
  if (command === undefined) return Promise.reject(new ProviderError('invalid', 'an empty command'))
  const timeoutMs = request.timeoutMs ?? defaultTimeoutMs
  return new Promise((resolve, reject) => {
    const child = spawn(command, rest, {
      cwd: place.home,
      env: { ...place.jobEnv, HOME: place.home, [nodeMarker]: place.mark, ...request.env },
      stdio: ['pipe', 'pipe', 'pipe'],
      detached: true,
    })
    const stdout = boundedBuffer(child.stdout, request.outputLimitBytes ?? defaultOutputLimitBytes)
    const stderr = boundedBuffer(child.stderr, request.outputLimitBytes ?? defaultOutputLimitBytes)
    let hasTimedOut = false
    const deadline = setTimeout(() => {
      hasTimedOut = true
      killGroup(child)
    }, timeoutMs)
    const settle = (exitCode: number): void => {
      clearTimeout(deadline)
      child.stdout.destroy()
      child.stderr.destroy()
      if (hasTimedOut) {
        reject(
          new ProviderError('transient', `a command on ${place.nodeId} took longer than ${timeoutMs} ms`),
        )
        return
      }
      const isTruncated = stdout.isTruncated() || stderr.isTruncated()
      resolve({ exitCode, stdout: stdout.bytes(), stderr: stderr.bytes(), isTruncated })
    }
    child.on('error', (error) => {
      clearTimeout(deadline)
      if (isMissing(error)) settle(127)
      else
        reject(new ProviderError('transient', `cannot start a command on ${place.nodeId}`, { cause: error }))
    })
    child.on('exit', (code, signal) => {
      const exitCode = code ?? 128 + (signal === null ? 0 : constants.signals[signal])
      const linger = setTimeout(() => settle(exitCode), lingerMs)
      child.on('close', () => {
        clearTimeout(linger)
        settle(exitCode)
      })
    })
    // A command that does not read its input closes it early: its exit code says what happened.
    child.stdin.on('error', () => undefined)
    child.stdin.end(request.stdin ?? '')
  })
}

/** The child is not reaped before its exit event, so that its group id cannot be anybody else's yet. */
function killGroup(child: ChildProcess): void {
  if (child.pid === undefined || child.exitCode !== null || child.signalCode !== null) return
  try {
    process.kill(-child.pid, 'SIGKILL')
  } catch {
    child.kill('SIGKILL')
  }
}

function boundedBuffer(stream: NodeJS.ReadableStream, limitBytes: number) {
  const chunks: Uint8Array[] = []
  let kept = 0
  let isTruncated = false
  stream.on('data', (chunk: Buffer) => {
    const room = limitBytes - kept
    if (chunk.length > room) isTruncated = true
    if (room <= 0) return
    const part = chunk.subarray(0, room)
    chunks.push(part)
    kept += part.length
  })
  return { bytes: (): Uint8Array => Buffer.concat(chunks), isTruncated: (): boolean => isTruncated }
}

async function readRange(path: string, range: FileRange): Promise<Uint8Array> {
  const file = await open(path, 'r')
  try {
    const buffer = Buffer.alloc(range.length)
    const { bytesRead } = await file.read(buffer, 0, range.length, range.offset)
    return buffer.subarray(0, bytesRead)
  } finally {
    await file.close()
  }
}

function isMissing(error: unknown): boolean {
  return error instanceof Error && 'code' in error && (error.code === 'ENOENT' || error.code === 'ENOTDIR')
}

/** Puts an error of the file system into the taxonomy. */
export function fromFileSystem(error: unknown, doing: string): ProviderError {
  if (isProviderError(error)) return error
  if (isMissing(error))
    return new ProviderError('not-found', `${doing}: there is no such file or folder`, { cause: error })
  const why = error instanceof Error ? error.message : String(error)
  return new ProviderError('transient', `${doing}: ${why}`, { cause: error })
}
