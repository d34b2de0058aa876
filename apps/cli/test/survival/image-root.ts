import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { chownSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** Why no root file system of an image can be made here; undefined: it can. */
export const whyNoImage = reasonAgainst()

export interface ImageRun {
  readonly build: string
  /** Environment of its processes, and nothing else. */
  readonly environment: Readonly<Record<string, string>>
  readonly user: number
  /** Text of /etc/skykeep/config.yaml. */
  readonly config: string
  /** Folder that is seen as /services/examples. */
  readonly examples: string
  /** The volume as its owner finds it: its user and group, and mode. */
  readonly volume: { readonly uid: number; readonly gid: number; readonly mode: string }
}

/**
 * What an engine makes of the image, without one: a root file system of its own that is read-only but for /data, in which /opt/skykeep is the build
 * and this machine's /usr stands for the base; a network of its own; no root, no capabilities, no new privileges. Processes are seen from outside.
 */
export class ImageRoot {
  readonly #holder: ChildProcess
  readonly #volume: string
  readonly #inside: readonly string[]
  readonly #started: ChildProcess[] = []

  private constructor(holder: ChildProcess, volume: string, run: ImageRun) {
    this.#holder = holder
    this.#volume = volume
    const id = String(run.user)
    const identity = [`--reuid=${id}`, `--regid=${id}`, '--clear-groups']
    const walls = ['--no-new-privs', '--bounding-set=-all', '--inh-caps=-all']
    const environment = Object.entries(run.environment).map(([name, value]) => `${name}=${value}`)
    const place = ['nsenter', `--target=${holder.pid}`, '--mount', '--net', '--', 'chroot', imageRoot]
    const person = ['setpriv', ...identity, ...walls]
    this.#inside = [...place, ...person, 'env', '-i', '--chdir=/services', ...environment]
  }

  static async create(run: ImageRun): Promise<ImageRoot> {
    const volume = mkdtempSync(path.join(tmpdir(), 'sk-volume-'))
    const data = path.join(volume, 'data')
    mkdirSync(data)
    chownSync(data, run.volume.uid, run.volume.gid)
    spawnSync('chmod', [run.volume.mode, data])
    const environment = {
      PATH: process.env['PATH'] ?? '',
      BUILD: run.build,
      DATA: data,
      EXAMPLES: run.examples,
      CONFIG: run.config,
      ACCOUNT: String(run.user),
    }
    const arguments_ = ['--mount', '--net', '--propagation', 'private', 'sh', '-euc', makeRoot]
    const holder = spawn('unshare', arguments_, { env: environment, stdio: ['ignore', 'pipe', 'inherit'] })
    await Promise.race([once(holder.stdout, 'data'), failureOf(holder)])
    return new ImageRoot(holder, volume, run)
  }

  /** Starts what the engine would; its output goes to this test's. */
  start(line: readonly string[]): ChildProcess {
    const [command = '', ...rest] = [...this.#inside, ...line]
    const child = spawn(command, rest, { stdio: ['ignore', 'inherit', 'inherit'], env: onlyPath() })
    this.#started.push(child)
    return child
  }

  /** Runs a command inside to its end. */
  run(line: readonly string[]): { readonly code: number | null; readonly output: string } {
    const [command = '', ...rest] = [...this.#inside, ...line]
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8', env: onlyPath() })
    return { code: status, output: stdout + stderr }
  }

  end(): void {
    for (const child of this.#started) child.kill('SIGKILL')
    this.#holder.kill('SIGKILL')
    rmSync(this.#volume, { recursive: true, force: true })
  }
}

/** Exists on every Linux and is used by none of ours; covered in the namespace only. */
const imageRoot = '/media'

const makeRoot = `
  ip link set lo up
  mount -t tmpfs -o mode=755 tmpfs ${imageRoot}
  cd ${imageRoot}
  mkdir -p usr proc dev data etc/skykeep opt/skykeep services/examples
  for name in bin sbin lib lib64; do cp -P "/$name" . 2>/dev/null || true; done
  mount --rbind -o ro /usr usr
  mount --rbind /proc proc
  mount --rbind /dev dev
  mount --bind "$BUILD" opt/skykeep
  mount -o remount,bind,ro opt/skykeep
  mount --bind "$EXAMPLES" services/examples
  mount -o remount,bind,ro services/examples
  mount --bind "$DATA" data
  printf 'skykeep:x:%s:%s::/data:/usr/sbin/nologin\\n' "$ACCOUNT" "$ACCOUNT" > etc/passwd
  printf '127.0.0.1 localhost\\n' > etc/hosts
  printf '%s' "$CONFIG" > etc/skykeep/config.yaml
  mount -o remount,bind,ro ${imageRoot}
  echo ready
  exec sleep 3600
`

async function failureOf(holder: ChildProcess): Promise<never> {
  const [code] = await once(holder, 'exit')
  throw new Error(`the root file system could not be made: code ${String(code)}`)
}

function onlyPath(): NodeJS.ProcessEnv {
  // Only because Next's types ask for it of every environment.
  return { NODE_ENV: 'production', PATH: process.env['PATH'] ?? '' }
}

function reasonAgainst(): string | undefined {
  if (process.platform !== 'linux' || process.getuid?.() !== 0) return 'needs root on Linux, to mount'
  const missing = ['unshare', 'nsenter', 'chroot', 'setpriv', 'ip'].filter(
    (tool) => spawnSync(tool, ['--version']).error !== undefined,
  )
  return missing.length === 0 ? undefined : `needs ${missing.join(', ')}`
}
