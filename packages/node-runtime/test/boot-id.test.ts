import { spawnSync } from 'node:child_process'
import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { bootFiles, bootIdOf } from '@skykeep/core/boot-id'

const functions = path.resolve(import.meta.dirname, '../sh/job-state.sh')
const script = '. "$0"; boot_id; for file; do echo; cat "$file" || :; done'
const files = [bootFiles.secondName, bootFiles.firstStat]
const inNamespace = ['unshare', '--pid', '--fork', '--mount-proc', '--']
const hasNamespaces = spawnSync('unshare', [...inNamespace.slice(1), 'true']).status === 0
const skipped = hasNamespaces ? '' : ' (needs unshare and the right to it)'

/** What the shell says, and what the program makes of what the shell sees. */
function said(prefix: readonly string[]): readonly [string, string] {
  const [command = '', ...rest] = [...prefix, 'sh', '-c', script, functions, ...files]
  const { stdout } = spawnSync(command, rest, { encoding: 'utf8', env: { ...process.env, HOME: '/nowhere' } })
  const [shell = '', secondName = '', firstStat = ''] = stdout.split(/\n+/)
  return [shell, bootIdOf({ bootId: readFileSync(bootFiles.bootId, 'utf8'), secondName, firstStat })]
}

it('the shell names this boot as the program does', () => {
  const [shell, program] = said([])
  expect(shell).toBe(program)
  expect(shell).not.toBe('')
})

it.skipIf(!hasNamespaces)(
  `invariant 19: a container that starts again is a machine that boots again${skipped}`,
  () => {
    const starts = [said(inNamespace), said(inNamespace)].map(([shell, program]) => {
      // The second process of the namespace is this shell's child or nobody: never the kernel's.
      expect(shell.split('@')[0]).toBe(program.split('@')[0])
      expect(shell).toMatch(/@\d+$/)
      return shell
    })
    expect(starts[0]).not.toBe(starts[1])
  },
)
