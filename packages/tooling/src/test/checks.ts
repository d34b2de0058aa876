import { runCommand } from './run-command.ts'
import { add, nothing, type Totals } from './totals.ts'

interface Check {
  readonly name: string
  readonly command: readonly [string, ...string[]]
}

const before: readonly Check[] = [
  {
    name: 'format',
    // Only what changed since the last time is looked at again.
    command: ['prettier', '--check', '--cache', '--cache-strategy=content', '--log-level=warn', '.'],
  },
  { name: 'lint', command: ['oxlint'] },
  { name: 'house rules', command: ['node', 'packages/tooling/src/checks/house-rules-command.ts'] },
  { name: 'duplicates', command: ['jscpd', '.'] },
  { name: 'database clients', command: ['npm', 'run', '--silent', 'generate', '-w', '@skykeep/db'] },
  { name: 'reference pages', command: ['node', 'docs/reference.ts', '--check'] },
  { name: 'migrations', command: ['npm', 'run', '--silent', 'migrate:check', '-w', '@skykeep/db'] },
  {
    name: 'import directions',
    command: ['depcruise', '--config', '.dependency-cruiser.mjs', 'apps', 'packages'],
  },
  { name: 'dead code', command: ['knip', '--no-progress'] },
  {
    name: 'types',
    command: [
      'tsc',
      '-p',
      '.',
      '--incremental',
      '--tsBuildInfoFile',
      'node_modules/.cache/types.tsbuildinfo',
    ],
  },
  {
    name: 'API reference',
    command: ['npm', 'run', '--silent', 'reference:check', '-w', '@skykeep/api'],
  },
  { name: 'types of the dashboard', command: ['npm', 'run', '--silent', 'typecheck', '-w', '@skykeep/web'] },
]

/** Runs every check that needs no running part; prints a line for each, and its whole output where it fails. */
export async function runChecks(): Promise<Totals> {
  let totals = nothing
  for (const check of before) {
    const [command, ...args] = check.command
    const startedAt = performance.now()
    const result = await runCommand(command, args)
    const seconds = ((performance.now() - startedAt) / 1000).toFixed(1)
    const isPassed = result.code === 0
    console.log(`${isPassed ? 'ok  ' : 'FAIL'}  ${check.name} (${seconds} s)`)
    if (!isPassed) console.log(result.output)
    totals = add(
      totals,
      isPassed
        ? { ...nothing, passed: 1 }
        : {
            ...nothing,
            failed: 1,
            failures: [{ name: `check ${check.name}`, reason: `code ${result.code}` }],
          },
    )
  }
  return totals
}
