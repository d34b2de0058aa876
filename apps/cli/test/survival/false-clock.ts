import { spawnSync } from 'node:child_process'
import {
  cpSync,
  existsSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** libfaketime (Debian: package faketime); undefined where it is not installed. */
export const falseClockLibrary = ['/usr/lib', '/usr/local/lib', '/usr/lib64']
  .flatMap((folder) => [folder].concat(architectureFolders(folder)))
  .map((folder) => path.join(folder, 'faketime', 'libfaketime.so.1'))
  .find((file) => existsSync(file))

/** A build whose every process shows a wall clock that the test sets. Monotonic time goes on as it is, as when `date -s` is used. */
export class FalseClock {
  /** The build folder to start. */
  readonly build: string
  readonly #folder = mkdtempSync(path.join(tmpdir(), 'sk-clock-'))
  readonly #offset = path.join(this.#folder, 'offset')

  constructor(realBuild: string, library: string) {
    this.build = path.join(this.#folder, 'build')
    cpSync(realBuild, this.build, { recursive: true, verbatimSymlinks: true })
    this.set(0)
    const node = path.join(this.build, 'node')
    renameSync(node, `${node}.real`)
    // Not by the environment: the supervisor hands on only what is listed.
    const settings = [
      `LD_PRELOAD=${library}`,
      `FAKETIME_TIMESTAMP_FILE=${this.#offset}`,
      'FAKETIME_DONT_FAKE_MONOTONIC=1',
      'FAKETIME_NO_CACHE=1',
      'NO_FAKE_STAT=1',
    ]
    writeFileSync(node, `#!/bin/sh\nexport ${settings.join(' ')}\nexec ${node}.real "$@"\n`, { mode: 0o755 })
  }

  /** Sets the wall clock of all processes, seconds from the true time. */
  set(seconds: number): void {
    const next = `${this.#offset}.next`
    writeFileSync(next, `${seconds < 0 ? '-' : '+'}${Math.abs(seconds)}\n`)
    renameSync(next, this.#offset)
  }

  /** What a program of the build takes for the time, milliseconds since the Unix epoch. */
  now(): number {
    return Number(spawnSync(path.join(this.build, 'node'), ['-p', 'Date.now()'], { encoding: 'utf8' }).stdout)
  }

  /** Whether a process runs under the false clock. */
  rules(pid: number): boolean {
    return readFileSync(`/proc/${pid}/maps`, 'utf8').includes('libfaketime')
  }

  end(): void {
    rmSync(this.#folder, { recursive: true, force: true })
  }
}

function architectureFolders(folder: string): readonly string[] {
  if (!existsSync(folder)) return []
  return readdirSync(folder)
    .filter((name) => name.endsWith('-linux-gnu'))
    .map((name) => path.join(folder, name))
}
