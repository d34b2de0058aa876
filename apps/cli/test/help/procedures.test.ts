import { globSync, readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { appRouter } from '@skykeep/api/router'

const cli = path.resolve(import.meta.dirname, '../../src')

/** Procedures that no verb calls, each with the reason. */
const withoutVerb: Readonly<Record<string, string>> = {
  'auth.signOut': 'ends the session of a browser; the command line has none',
  'services.check':
    'the command line checks a YAML itself, with file, line and column, before it asks anything',
  'drills.run': 'starts `skykeep drill` for the dashboard',
  'drills.latest':
    'a list over all services of the System page; `skykeep drill NAME --list` shows those of one',
  'state.findings': '`skykeep state doctor` examines the path itself, also where nothing runs',
  'state.sizes': 'figures of the System page; a program reads them by REST',
  'state.limits': 'limits of config.yaml, shown on the System page; a program reads them by REST',
  'state.masterKey': '`skykeep state doctor` checks the key itself, also where nothing runs',
  'state.backups': '`skykeep state backups` reads the folder itself, also where nothing runs',
  'state.backUp': 'starts `skykeep state backup` for the dashboard',
  'state.verify': 'starts `skykeep state verify` for the dashboard',
  'system.bringBack':
    '`skykeep ops retry` and `serve up NAME` bring back what was set aside, by service; the dashboard does it by row',
  'system.machinery': 'queues and instances of the System page; a program reads them by REST',
  'traffic.get': 'a chart of the dashboard; a program reads it by REST',
  'traffic.follow': 'a chart of the dashboard',
  'traffic.figures': 'figures beside the charts of the dashboard; a program reads them by REST',
  'traffic.followFigures': 'figures beside the charts of the dashboard',
}

function calledByVerbs(): ReadonlySet<string> {
  const sources = globSync('**/*.ts', { cwd: cli }).map((file) => readFileSync(path.join(cli, file), 'utf8'))
  const calls = sources.flatMap((text) =>
    Array.from(
      text.matchAll(/\bapi\s*\.\s*([a-zA-Z]+)\s*\.\s*([a-zA-Z]+)\s*\.\s*(?:query|mutate|subscribe)\b/g),
    ),
  )
  return new Set(calls.map(([, router, procedure]) => `${router}.${procedure}`))
}

it('whatever the API does a verb does, but for a list with reasons', () => {
  const procedures = Object.keys(appRouter._def.procedures)
  const called = calledByVerbs()
  expect(procedures.length).toBeGreaterThan(20)
  expect(procedures.filter((name) => !called.has(name)).toSorted()).toEqual(
    Object.keys(withoutVerb).toSorted(),
  )
  expect([...called].filter((name) => !procedures.includes(name))).toEqual([])
})
