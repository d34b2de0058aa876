import { spawnSync } from 'node:child_process'
import { existsSync } from 'node:fs'

/** Debian's packages of what is measured and of what measures. */
const packages = ['nginx', 'haproxy', 'wrk', 'curl']
const pythonPackages = [
  'python3-fastapi',
  'python3-httpx',
  'python3-uvicorn',
  'python3-httptools',
  'python3-uvloop',
]

/** Debian's own Python: another one on the PATH has no packages of Debian's. */
export const python = '/usr/bin/python3'

/** Installs what is missing, where this user may; says what is then still missing, by name. */
export function installTools(): { readonly hasPython: boolean } {
  if (missingTools().length > 0) install(packages)
  const missing = missingTools()
  if (missing.length > 0) {
    throw new Error(
      `${missing.join(', ')} not found: install them (Debian: apt-get install ${missing.join(' ')})`,
    )
  }
  if (!canImport()) install(pythonPackages)
  return { hasPython: canImport() }
}

function missingTools(): readonly string[] {
  return packages.filter((name) => spawnSync('which', [name], { env: withSbin() }).status !== 0)
}

function canImport(): boolean {
  return existsSync(python) && spawnSync(python, ['-c', 'import fastapi, httpx, uvicorn']).status === 0
}

function install(names: readonly string[]): void {
  if (process.getuid?.() !== 0) return
  const env = { ...process.env, DEBIAN_FRONTEND: 'noninteractive' }
  spawnSync('apt-get', ['update'], { env })
  spawnSync('apt-get', ['install', '-y', '--no-install-recommends', ...names], { env })
}

/** Servers lie in sbin, which is not on every user's PATH. */
export function withSbin(): NodeJS.ProcessEnv {
  return { ...process.env, PATH: `${process.env['PATH'] ?? ''}:/usr/sbin:/sbin` }
}
