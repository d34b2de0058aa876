import { readFileSync } from 'node:fs'
import path from 'node:path'
import { expect, it } from 'vitest'
import { readEnv } from '../../src/env.ts'
import { buildProgram } from '../../src/program.ts'

const { leaves } = buildProgram(readEnv([]), () => undefined)
const page = path.resolve(import.meta.dirname, '../../../../docs/dashboard.md')

/** The rows of the page's table of first tasks: what, by which clicks, by which command. */
const tasks = readFileSync(page, 'utf8')
  .split('\n')
  .flatMap((line) => {
    const cells = /^\| (.+?) +\| (.+?) +\| `npx skykeep (.+?)` +\|$/.exec(line)
    return cells === null ? [] : [{ task: cells[1] ?? '', clicks: cells[2] ?? '', command: cells[3] ?? '' }]
  })

it('the page names five tasks, each with at most three clicks', () => {
  expect(tasks).toHaveLength(5)
  for (const { task, clicks } of tasks) expect(clicks.split(' › ').length, task).toBeLessThanOrEqual(3)
})

it.each(tasks)('$task: there is a command that takes what the page gives it', ({ command }) => {
  const verb = leaves.find(({ path: words }) => `${command} `.startsWith(`${words} `))
  expect(verb, command).toBeDefined()
  const words = command.slice(verb?.path.length).trim().split(' ').filter(Boolean)
  const flags = words.filter((word) => word.startsWith('--'))
  expect((verb?.options ?? []).map(({ long }) => long)).toEqual(expect.arrayContaining(flags))
  const given = flags.length === 0 ? words : words.slice(0, words.indexOf(flags[0] ?? ''))
  const needed = (verb?.registeredArguments ?? []).filter(({ required }) => required)
  expect(given.length).toBeGreaterThanOrEqual(needed.length)
})
