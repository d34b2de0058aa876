import { ensureBuilt } from '../build/assemble.ts'
import { runChecks } from './checks.ts'
import { findOrInstallChromium } from './chromium.ts'
import { startPostgres } from './postgres.ts'
import { runPlaywright, runVitest } from './suites.ts'
import { add, lastLines, nothing, type Totals } from './totals.ts'

const skippedTier: Totals = { passed: 0, failed: 0, skipped: 1 }

function heading(text: string): void {
  console.log(`\n── ${text}`)
}

async function runAll(only: ReadonlySet<string>): Promise<Totals> {
  const wants = (tier: string): boolean => only.size === 0 || only.has(tier)
  let totals = nothing
  if (wants('checks')) {
    heading('checks')
    totals = add(totals, await runChecks())
  }
  const usesDatabases = ['packages', 'processes', 'browser'].some(wants)
  const postgres = usesDatabases ? await startPostgres() : { reason: 'not asked for' }
  const env: Record<string, string> = {}
  if ('url' in postgres) env['SKYKEEP_TEST_POSTGRES_URL'] = postgres.url
  else if (only.size === 0) console.log(`skipped: everything on PostgreSQL (${postgres.reason})`)
  try {
    if (wants('packages')) {
      heading('packages: pure code, databases, sockets')
      totals = add(totals, await runVitest('packages', env))
    }
    if (wants('processes') || wants('browser')) {
      heading('build')
      env['SKYKEEP_TEST_BUILD'] = await ensureBuilt((line) => console.log(line))
    }
    if (wants('processes')) {
      heading('processes: started as a user starts them, killed')
      totals = add(totals, await runVitest('processes', env))
    }
    if (wants('browser')) totals = add(totals, await browserTier(env))
  } finally {
    if ('url' in postgres) await postgres.stop()
  }
  return totals
}

async function browserTier(env: Record<string, string>): Promise<Totals> {
  heading('browser: the dashboard on the real stack')
  const chromium = await findOrInstallChromium()
  const build = env['SKYKEEP_TEST_BUILD'] ?? ''
  if (chromium !== undefined) return await runPlaywright({ ...env, CHROMIUM: chromium, SKYKEEP_BUILD: build })
  console.log('skipped: browser tests (no Chromium here, and none could be installed; set CHROMIUM to one)')
  return skippedTier
}

const totals = await runAll(new Set(process.argv.slice(2)))
console.log(`\n${lastLines(totals)}`)
process.exitCode = totals.failed === 0 ? 0 : 1
