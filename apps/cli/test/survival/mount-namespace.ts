import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync, realpathSync } from 'node:fs'

/** Whether this process may make mount namespaces. */
export const canMount = process.platform === 'linux' && process.getuid?.() === 0

/** Exists on every Linux and is used by none of ours; covered in the namespace only. */
const layers = '/media'

/** A private mount namespace: what is mounted in it is seen only by what is started through `prefix`. */
export class MountNamespace {
  /** What a command line begins with to run in it. It keeps its pid. */
  readonly prefix: readonly string[]
  readonly #holder: ChildProcess
  readonly #recorded: { readonly folder: string; readonly upper: string }[] = []

  private constructor(holder: ChildProcess) {
    this.#holder = holder
    this.prefix = ['nsenter', `--mount=/proc/${holder.pid}/ns/mnt`, '--']
  }

  static async create(): Promise<MountNamespace> {
    const script = 'echo ready; exec sleep 3600'
    const holder = spawn('unshare', ['--mount', '--propagation', 'private', 'sh', '-c', script], {
      stdio: ['ignore', 'pipe', 'inherit'],
    })
    await once(holder.stdout, 'data')
    return new MountNamespace(holder)
  }

  mount(...args: readonly string[]): void {
    this.#run('mount', ...args)
  }

  /** Every file system read-only but `writable` and what is no disk: /proc, /dev, /sys. */
  makeReadOnly(writable: string): void {
    this.mount('--bind', writable, writable)
    const isKept = (point: string): boolean => point === writable || /^\/(proc|dev|sys)(\/|$)/.test(point)
    for (const point of this.#mountPoints()) {
      if (!isKept(point)) this.mount('-o', 'remount,bind,ro', point)
    }
  }

  /** Lays a recording layer over each folder; `apart` is left as it is. Nothing reaches the real folders from now on. */
  recordWrites(folders: readonly string[], apart: string): void {
    this.mount('-t', 'tmpfs', 'tmpfs', layers)
    const kept = `${layers}/apart`
    this.#run('mkdir', kept)
    this.mount('--bind', apart, kept)
    for (const folder of outermost(folders)) {
      const layer = `${layers}/${this.#recorded.length}`
      this.#run('mkdir', '-p', `${layer}/upper`, `${layer}/work`)
      const options = `lowerdir=${folder},upperdir=${layer}/upper,workdir=${layer}/work`
      this.mount('-t', 'overlay', '-o', options, 'overlay', folder)
      this.#recorded.push({ folder, upper: `${layer}/upper` })
    }
    this.mount('--bind', kept, apart)
  }

  /** Files and folders that were made, changed or removed since `recordWrites`, and the folders in which. */
  writtenFiles(): readonly string[] {
    return this.#recorded.flatMap(({ folder, upper }) =>
      this.#run('find', upper, '-mindepth', '1', '-printf', `${folder}/%P\\n`)
        .split('\n')
        .filter((file) => file !== ''),
    )
  }

  /** The namespace goes with the last process in it. */
  end(): void {
    this.#holder.kill('SIGKILL')
  }

  #run(...line: readonly string[]): string {
    const [command = '', ...rest] = [...this.prefix, ...line]
    const { status, stdout, stderr } = spawnSync(command, rest, { encoding: 'utf8' })
    if (status !== 0) throw new Error(`${line.join(' ')}: ${stderr}`)
    return stdout
  }

  #mountPoints(): readonly string[] {
    const lines = readFileSync(`/proc/${this.#holder.pid}/mountinfo`, 'utf8').trim().split('\n')
    return lines.map((line) => line.split(' ')[4] ?? '')
  }
}

function outermost(folders: readonly string[]): readonly string[] {
  const distinct = [...new Set(folders.map((folder) => realpathSync(folder)))]
  return distinct.filter((folder) => !distinct.some((other) => folder.startsWith(`${other}/`)))
}
