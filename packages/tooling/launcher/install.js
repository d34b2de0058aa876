// Installs what package-lock.json names, once for each lock file, whoever asks first.
import { spawnSync } from 'node:child_process'
import { createHash } from 'node:crypto'
import { existsSync, readFileSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { withClaim } from './claim.js'
import { root } from './pinned-node.js'

const stamp = path.join(root, 'node_modules', '.skykeep-lock')

function lockHash() {
  const lock = readFileSync(path.join(root, 'package-lock.json'))
  return createHash('sha256').update(lock).digest('hex')
}

function isInstalled() {
  return existsSync(stamp) && readFileSync(stamp, 'utf8') === lockHash()
}

function install() {
  if (isInstalled()) return
  const startedAt = Date.now()
  console.log('install   the locked dependencies (about a minute the first time)')
  const result = spawnSync('npm', ['ci', '--no-audit', '--no-fund', '--loglevel=error'], {
    cwd: root,
    stdio: ['ignore', 'inherit', 'inherit'],
    shell: process.platform === 'win32',
  })
  if (result.status !== 0) {
    console.error(
      'install   failed: `npm ci` said the lines above. Check the network and run the command again.',
    )
    process.exitCode = result.status ?? 1
    throw new Error('npm ci failed')
  }
  writeFileSync(stamp, lockHash())
  console.log(`install   done in ${Math.round((Date.now() - startedAt) / 1000)} s`)
}

/** Installs the locked dependencies if they are not there yet; prints what it does and how long it took. */
export async function ensureInstalled() {
  if (isInstalled()) return
  try {
    await withClaim(path.join(root, '.build', 'install.claim'), install)
  } catch (error) {
    if (process.exitCode === undefined) throw error
    process.exit()
  }
}
