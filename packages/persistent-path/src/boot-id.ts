import { execFileSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import { bootFiles, bootIdOf } from '@skykeep/core/boot-id'

let known: string | undefined

/**
 * Identity of this boot of the host: changes with every reboot, is the same for all processes until then; in a container, with every start of
 * it. Linux: `bootIdOf`; macOS: sysctl kern.bootsessionuuid. Throws where neither can be read.
 */
export function bootId(): string {
  known ??= process.platform === 'linux' ? linuxBootId() : sessionId()
  return known
}

function linuxBootId(): string {
  return bootIdOf({
    bootId: readFileSync(bootFiles.bootId, 'utf8'),
    secondName: readOrEmpty(bootFiles.secondName),
    firstStat: readOrEmpty(bootFiles.firstStat),
  })
}

function readOrEmpty(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch {
    return ''
  }
}

function sessionId(): string {
  return execFileSync('sysctl', ['-n', 'kern.bootsessionuuid'], { encoding: 'utf8' }).trim()
}
