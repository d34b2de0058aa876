import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'

let known: string | undefined

/**
 * Identity of this boot of the host: changes with every reboot, is the same for all processes until then (also in containers of one
 * host). Linux: /proc/sys/kernel/random/boot_id (random(4)); macOS: sysctl kern.bootsessionuuid. Throws where neither can be read.
 */
export function bootId(): string {
  known ??=
    process.platform === 'linux'
      ? readFileSync('/proc/sys/kernel/random/boot_id', 'utf8').trim()
      : execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim()
  return known
}
