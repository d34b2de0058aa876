import { spawn, type ChildProcess } from 'node:child_process'
import { mkdirSync, mkdtempSync, openSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import type { SystemView } from '@skykeep/core/views'
import { until } from './until.ts'

/** `skykeep serve status NAME --json`, as far as the tests read it. */
export interface StatusJson {
  readonly name: string
  readonly status: string
  readonly endpoint: string
  readonly endpointStatus: string | null
  readonly target: number
  readonly ready: number
  readonly replicas: readonly {
    readonly id: number
    readonly uid: string
    readonly status: string
    readonly outcome: string | null
    readonly pid: number | null
    readonly endpoint: string | null
    readonly notReadyReason: string | null
  }[]
  readonly unfinishedRequests: readonly {
    readonly method: string
    readonly path: string
    readonly kind: string
  }[]
  readonly recoveryReports: readonly {
    readonly trigger: string
    readonly adoptedReplicas: readonly string[]
    readonly runningRequests: readonly { readonly path: string }[]
    readonly unfinishedRequests: readonly { readonly path: string; readonly kind: string }[]
  }[]
}

export interface CliResult {
  readonly code: number
  readonly stdout: string
  readonly stderr: string
}

export interface PlaneOptions {
  /** Build folder to start from. */
  readonly build: string
  readonly databaseUrl?: string
  /** An existing path, for a second plane on it. */
  readonly root?: string
  /** What every command line begins with: enters a namespace, say, and then becomes the command. */
  readonly prefix?: readonly string[]
  readonly home?: string
  /** Further lines of config.yaml. */
  readonly config?: string
}

/** A whole Skykeep on a persistent path of its own, started and spoken to as a user does. */
export class TestPlane {
  readonly root: string
  readonly webPort: number
  #build: string
  readonly #prefix: readonly string[]
  readonly #home: string
  readonly #config: string
  readonly #started: ChildProcess[] = []

  private constructor(options: PlaneOptions, root: string, webPort: number) {
    this.#build = options.build
    this.#prefix = options.prefix ?? []
    this.#home = options.home ?? process.env['HOME'] ?? ''
    this.root = root
    this.webPort = webPort
    this.#config = `${root}-config.yaml`
    const database = options.databaseUrl === undefined ? '' : `database:\n  url: ${options.databaseUrl}\n`
    writeFileSync(this.#config, `web:\n  port: ${webPort}\n${database}${options.config ?? ''}`)
  }

  static async create(options: PlaneOptions): Promise<TestPlane> {
    const root = options.root ?? mkdtempSync(path.join(tmpdir(), 'sk-'))
    return new TestPlane(options, root, await freePort())
  }

  /** Starts `skykeep up` detached from this test, as a terminal of its own would. Does not wait. */
  up(...args: readonly string[]): ChildProcess {
    mkdirSync(this.root, { recursive: true, mode: 0o700 })
    const output = openSync(`${this.root}-up.log`, 'a', 0o600)
    const [command, rest] = this.#command('up', ...args)
    const child = spawn(command, rest, {
      env: this.#env(),
      detached: true,
      stdio: ['ignore', output, output],
    })
    this.#started.push(child)
    return child
  }

  /** Ctrl-C in the terminal of the newest `up`; waits for its end and gives its exit code. */
  async interrupt(): Promise<number | null> {
    const child = this.#started.at(-1)
    if (child === undefined) throw new Error('nothing was started')
    const ended = new Promise<number | null>((resolve) => child.once('exit', resolve))
    child.kill('SIGINT')
    return await ended
  }

  /** Every command line comes from this build from now on, as after `git pull`. */
  useBuild(build: string): void {
    this.#build = build
  }

  /** What every `up` of this plane printed. */
  upOutput(): string {
    return readFileSync(`${this.root}-up.log`, 'utf8')
  }

  /** Waits until the active plane answers and all parts are named. */
  async untilActive(deadlineMs = 60_000): Promise<SystemView> {
    return await until(
      'the plane is active with web, worker and two gateways',
      async () => {
        const system = await this.system()
        const names =
          system?.processes.filter(({ state }) => state === 'running').map(({ name }) => name) ?? []
        const isWhole = ['supervisor', 'web', 'worker', 'gateway-0', 'gateway-1'].every((name) =>
          names.includes(name),
        )
        return isWhole && system
      },
      deadlineMs,
    )
  }

  async system(): Promise<SystemView | undefined> {
    const { code, stdout } = await this.cli('system', 'status', '--json')
    // The command's documented shape.
    return code === 0 ? (JSON.parse(stdout) as SystemView) : undefined
  }

  async status(name: string): Promise<StatusJson | undefined> {
    const { code, stdout } = await this.cli('serve', 'status', name, '--json')
    // The command's documented shape.
    return code === 0 ? (JSON.parse(stdout) as StatusJson) : undefined
  }

  async pidOf(process: string): Promise<number> {
    const system = await until(`${process} runs`, async () => {
      const view = await this.system()
      return view?.processes.find(({ name, state }) => name === process && state === 'running')
    })
    return system.pid
  }

  /** Runs a verb and waits for its end. */
  async cli(...args: readonly string[]): Promise<CliResult> {
    const [command, rest] = this.#command(...args)
    const child = spawn(command, rest, {
      env: this.#env(),
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    let stdout = ''
    let stderr = ''
    child.stdout.on('data', (chunk: Buffer) => (stdout += chunk.toString()))
    child.stderr.on('data', (chunk: Buffer) => (stderr += chunk.toString()))
    const code = await new Promise<number>((resolve) => child.on('close', (exit) => resolve(exit ?? 1)))
    return { code, stdout, stderr }
  }

  /** Ends everything that this plane started, its services too, and removes its path. */
  async destroy(): Promise<void> {
    await this.cli('stop', '--services')
    for (const child of this.#started) if (child.exitCode === null) child.kill('SIGKILL')
    rmSync(this.root, { recursive: true, force: true })
    rmSync(this.#config, { force: true })
    rmSync(`${this.root}-up.log`, { force: true })
  }

  #command(...args: readonly string[]): readonly [string, readonly string[]] {
    const node = path.join(this.#build, 'node')
    const [command = node, ...rest] = [...this.#prefix, node, path.join(this.#build, 'cli.mjs'), ...args]
    return [command, rest]
  }

  #env(): NodeJS.ProcessEnv {
    const { PATH = '' } = process.env
    return {
      // Only because Next's types ask for it of every environment.
      NODE_ENV: 'production',
      PATH,
      HOME: this.#home,
      SKYPILOT_PERSISTENT_PATH: this.root,
      SKYKEEP_CONFIG: this.#config,
      SKYKEEP_BUILD: this.#build,
    }
  }
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return address.port
}
