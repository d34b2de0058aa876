import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { mkdirSync, openSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { until } from '../../packages/testing/src/until.ts'

export interface Ran {
  readonly code: number
  /** Standard output and standard error. */
  readonly output: string
}

interface RunOptions {
  readonly cwd?: string
  /** Beside the environment of this program. */
  readonly env?: Readonly<Record<string, string>>
}

const names = '/etc/resolv.conf'
/** Where slirp4netns answers for the name servers of the machine. */
const nameServer = '10.0.2.3'

/**
 * Namespaces of processes, mounts and network in which engines run: their ports, bridges and mounts are not the machine's, and everything in them
 * ends with the first process. The way out to the package registries is slirp4netns.
 */
export class Place {
  readonly folder: string
  readonly #holder: ChildProcess
  readonly #enter: readonly string[]
  #wayOut: ChildProcess | undefined

  private constructor(folder: string, holder: ChildProcess, first: number) {
    this.folder = folder
    this.#holder = holder
    this.#enter = ['nsenter', `--target=${first}`, '--mount', '--net', '--pid']
  }

  /** @param folder - where everything heavy goes; kept between runs. */
  static async create(folder: string): Promise<Place> {
    mkdirSync(folder, { recursive: true })
    const walls = [
      '--mount',
      '--net',
      '--pid',
      '--fork',
      '--kill-child',
      '--mount-proc',
      '--propagation=private',
    ]
    const line = ['--pdeathsig=KILL', 'unshare', ...walls, 'catatonit', '-P']
    const holder = spawn('setpriv', line, { stdio: 'ignore' })
    const children = `/proc/${holder.pid}/task/${holder.pid}/children`
    const first = await until(
      'a process in the namespaces',
      () => Number(readFileSync(children, 'utf8')) || undefined,
    )
    const place = new Place(folder, holder, first)
    await until('its program', () => readFileSync(`/proc/${first}/comm`, 'utf8').startsWith('catatonit'))
    writeFileSync(path.join(folder, 'resolv.conf'), `nameserver ${nameServer}\n`)
    await place.must(['mount', '--bind', path.join(folder, 'resolv.conf'), names])
    await place.must(['ip', 'link', 'set', 'lo', 'up'])
    // Ends when this program does: then nobody holds the other end of descriptor 3.
    const wayOut = [
      '--configure',
      '--mtu=1500',
      '--disable-host-loopback',
      '--exit-fd=3',
      String(first),
      'tap0',
    ]
    place.#wayOut = spawn('slirp4netns', wayOut, { stdio: ['ignore', 'ignore', 'ignore', 'pipe'] })
    await until('a way out', async () => (await place.run(['ip', 'route'])).output.includes('default'))
    return place
  }

  /** Runs a command in the namespaces to its end. */
  async run(line: readonly string[], options: RunOptions = {}): Promise<Ran> {
    const [command = '', ...rest] = [...this.#enter, `--wdns=${options.cwd ?? this.folder}`, '--', ...line]
    const child = spawn(command, rest, {
      env: { ...process.env, ...options.env },
      stdio: ['ignore', 'pipe', 'pipe'],
    })
    const chunks: Buffer[] = []
    for (const stream of [child.stdout, child.stderr])
      stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    // A listener of `close` is called with a code or null.
    const [code] = (await once(child, 'close')) as [number | null]
    return { code: code ?? 1, output: Buffer.concat(chunks).toString() }
  }

  /** As `run`. Throws with what the command printed when it fails. @returns what it printed. */
  async must(line: readonly string[], options: RunOptions = {}): Promise<string> {
    const { code, output } = await this.run(line, options)
    if (code !== 0) throw new Error(`${line.join(' ')}\nends with ${code}: ${output.slice(-4000)}`)
    return output
  }

  /** Starts what goes on in the namespaces; its output goes to a file of the folder. */
  start(name: string, line: readonly string[]): ChildProcess {
    const [command = '', ...rest] = [...this.#enter, '--', ...line]
    const log = openSync(path.join(this.folder, `${name}.log`), 'a')
    return spawn(command, rest, { stdio: ['ignore', log, log] })
  }

  end(): void {
    this.#wayOut?.kill('SIGKILL')
    this.#holder.kill('SIGKILL')
  }
}

/** Those of the programs that the machine does not have. */
export function missing(...programs: readonly string[]): readonly string[] {
  return programs.filter((program) => spawnSync('which', [program]).status !== 0)
}
