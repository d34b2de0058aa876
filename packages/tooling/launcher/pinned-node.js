// Runs on the user's Node (20.19 or newer), before anything is installed: plain JavaScript, Node's own modules only.
import { existsSync } from 'node:fs'
import path from 'node:path'

export const root = path.resolve(import.meta.dirname, '../../..')

const oldestMajor = 20
const oldestMinor = 19

/** Ends with one clear line when this Node is too old to install and build. */
export function requireUsableNode() {
  const [major = 0, minor = 0] = process.versions.node.split('.').map(Number)
  if (major > oldestMajor || (major === oldestMajor && minor >= oldestMinor)) return
  console.error(
    `skykeep needs Node ${oldestMajor}.${oldestMinor} or newer to start; this is ${process.versions.node}.`,
  )
  process.exit(1)
}

/** The Node 24 that the lock file pins, or this one where it is a 24 itself; undefined before the install. */
export function pinnedNode() {
  const platform = `node-${process.platform}-${process.arch}`
  const binary = path.join(root, 'node_modules', platform, 'bin', 'node')
  if (existsSync(binary)) return binary
  return process.versions.node.startsWith('24.') ? process.execPath : undefined
}
