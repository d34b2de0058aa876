// Replaces this process, as far as Node allows it, by the pinned Node: same terminal, same signals, same exit code.
import { spawn } from 'node:child_process'
import { pinnedNode } from './pinned-node.js'

/**
 * Runs `script` with the pinned Node and ends with its exit code.
 * @param {string} script
 * @param {string[]} args
 */
export function runPinned(script, args) {
  const node = pinnedNode()
  if (node === undefined) {
    console.error(
      `skykeep runs on Node 24, which its lock file pins for Linux; on ${process.platform}-${process.arch} install Node 24 and run the command again.`,
    )
    process.exit(1)
  }
  // Without `--` Node itself takes `--env-file` from anywhere on the line. The flags are those of the processes that a supervisor starts.
  const flags = ['--max-semi-space-size=4', '--v8-pool-size=1', '--']
  const child = spawn(node, [...flags, script, ...args], { stdio: 'inherit' })
  // A terminal sends Ctrl-C to the whole group, the child included: only what came to this process alone is passed on.
  for (const signal of /** @type {const} */ (['SIGINT', 'SIGTERM', 'SIGHUP'])) {
    process.on(signal, () => {
      if (signal !== 'SIGINT' || !process.stdin.isTTY) child.kill(signal)
    })
  }
  child.on('exit', (code, signal) => process.exit(code ?? (signal === 'SIGINT' ? 130 : 1)))
}
