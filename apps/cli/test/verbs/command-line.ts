import { type ChildProcess, spawn } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Build folder under test; the test command makes it. */
export const build =
  process.env['SKYKEEP_TEST_BUILD'] ?? path.resolve(import.meta.dirname, '../../../../.build/current')

export interface Result {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface RunOptions {
  readonly env?: Readonly<Record<string, string>>
  readonly cwd?: string
  /** Sent to it once this text stands in its output. */
  readonly interruptAfter?: string
}

/** A folder with a persistent path, a config.yaml and YAML files of its own, and the command line in it. */
export class CommandLine {
  readonly folder = mkdtempSync(path.join(tmpdir(), 'skv-'))
  readonly root: string
  readonly config = path.join(this.folder, 'config.yaml')

  constructor(root?: string) {
    this.root = root ?? path.join(this.folder, 'state')
  }

  write(name: string, text: string): string {
    const file = path.join(this.folder, name)
    writeFileSync(file, text)
    return file
  }

  get env(): Record<string, string> {
    const { PATH = '' } = process.env
    return {
      PATH,
      HOME: this.folder,
      SKYPILOT_PERSISTENT_PATH: this.root,
      SKYKEEP_CONFIG: this.config,
      SKYKEEP_BUILD: build,
    }
  }

  start(args: readonly string[], { env = {}, cwd }: RunOptions = {}): ChildProcess {
    return spawn(path.join(build, 'node'), ['--', path.join(build, 'cli.mjs'), ...args], {
      env: { ...this.env, ...env },
      cwd: cwd ?? this.folder,
      stdio: ['ignore', 'pipe', 'pipe'],
    })
  }

  /** The same as a line for a shell, such as that of a terminal. */
  commandOf(args: readonly string[]): string {
    const words = [path.join(build, 'node'), '--', path.join(build, 'cli.mjs'), ...args]
    return words.map((word) => `'${word.replaceAll("'", String.raw`'\''`)}'`).join(' ')
  }

  async run(args: readonly string[], options: RunOptions = {}): Promise<Result> {
    return await ended(this.start(args, options), options.interruptAfter)
  }

  remove(): void {
    rmSync(this.folder, { recursive: true, force: true })
  }
}

/** Waits for the end of a process and gives what it wrote. */
export async function ended(child: ChildProcess, interruptAfter?: string): Promise<Result> {
  let stdout = ''
  let stderr = ''
  let isInterrupted = false
  const look = (): void => {
    if (isInterrupted || interruptAfter === undefined || !`${stdout}${stderr}`.includes(interruptAfter))
      return
    isInterrupted = child.kill('SIGINT')
  }
  child.stdout?.on('data', (chunk: Buffer) => {
    stdout += chunk.toString()
    look()
  })
  child.stderr?.on('data', (chunk: Buffer) => {
    stderr += chunk.toString()
    look()
  })
  const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? -1)))
  return { code, stdout, stderr }
}

/** Holds a TCP port of this machine as another program would; null where somebody has it already. */
export async function hold(port: number): Promise<Server | null> {
  const server = createServer((socket) => socket.destroy())
  const isHeld = await new Promise<boolean>((resolve) => {
    server.once('error', () => resolve(false))
    server.listen(port, '127.0.0.1', () => resolve(true))
  })
  return isHeld ? server : null
}

export async function free(server: Server): Promise<void> {
  await new Promise((resolve) => server.close(resolve))
}

/** No person should ever read a stack trace, a code without words or an object's default text. */
export const unfriendly = /\n {4}at |\[object |undefined|NaN|node:internal|✖/
