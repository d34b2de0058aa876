import { describe, expect, it } from 'vitest'
import { exitCodeMeanings, exitCodes } from '../../src/commands/failure.ts'
import { readEnv } from '../../src/env.ts'
import { buildProgram } from '../../src/program.ts'
import { verbGroups } from '../../src/program/group.ts'
import type { Verb } from '../../src/program/verb.ts'

const program = buildProgram(readEnv([]), () => undefined)
const { leaves } = program
const named = leaves.map((verb) => [verb.path, verb] as const)

function optionsOf(verb: Verb) {
  return verb.options.filter(({ hidden }) => !hidden)
}

describe('every verb', () => {
  it.each(named)('%s: says what it does, with examples that begin with itself', (path, verb) => {
    expect(verb.description().length).toBeGreaterThan(10)
    expect(verb.examples.length).toBeGreaterThan(0)
    for (const { line, does } of verb.examples) {
      expect(line).toContain(`skykeep ${path}`)
      expect(does.length).toBeGreaterThan(5)
    }
  })

  it.each(named)('%s: every option and argument has a description, every number its unit', (_path, verb) => {
    for (const option of optionsOf(verb)) {
      expect(option.description.length, option.flags).toBeGreaterThan(5)
      expect(option.flags).not.toMatch(/<(n|num|number|value|x)>/)
    }
    for (const argument of verb.registeredArguments)
      expect(argument.description.length, argument.name()).toBeGreaterThan(5)
  })

  it.each(named)('%s: its examples use only options that it has', (_path, verb) => {
    const known = [...verb.options, ...program.options].map(({ long }) => long)
    for (const { line } of verb.examples) {
      const own = line.slice(line.indexOf('skykeep '))
      for (const [flag] of own.matchAll(/(?<= )--[a-z-]+/g)) expect(known, line).toContain(flag)
    }
  })

  it.each(named)('%s: prints JSON of a stated shape where it prints at all', (path, verb) => {
    if (printsNoAnswer.has(path)) return
    expect(verb.answer?.fields.length).toBeGreaterThan(0)
    expect(optionsOf(verb).map(({ long }) => long)).toContain('--json')
  })

  it('stands in a group of the top-level help, once', () => {
    const help = program.helpInformation()
    for (const heading of Object.values(verbGroups)) expect(help).toContain(`\n${heading}:\n`)
    for (const { path } of leaves)
      expect(help.split('\n').filter((line) => new RegExp(`^  ${path}(  | [<[])`).test(line))).toHaveLength(1)
  })

  it('reads or changes something, and each read has --json and --watch, or --follow, or a reason', () => {
    const known = [...changes, ...Object.keys(readsOnce), ...reads]
    expect(known.toSorted()).toEqual(leaves.map(({ path }) => path).toSorted())
    for (const verb of leaves.filter(({ path }) => reads.has(path))) {
      const options = optionsOf(verb).map(({ long }) => long)
      expect(options, verb.path).toContain('--json')
      expect(options.includes('--watch') || options.includes('--follow'), verb.path).toBe(true)
    }
    for (const verb of leaves.filter(({ path }) => changes.has(path)))
      expect(
        optionsOf(verb).map(({ long }) => long),
        verb.path,
      ).not.toContain('--follow')
  })
})

/** Of these `ops`, `serve rollout`, `serve schedule` and `drill` change something with an option only. */
const reads = new Set([
  'status',
  'ops',
  'ops log',
  'events',
  'system status',
  'serve status',
  'serve logs',
  'serve history',
  'serve rollout',
  'serve schedule',
  'drill',
  'token list',
  'key list',
  'key revoked-tokens',
])

/** Reads that nothing can be watched of, each with the reason. */
const readsOnce: Readonly<Record<string, string>> = {
  'state where': 'of a path that may have no control plane: nothing tells of its changes',
  'state doctor': 'an examination of a path that may have no control plane',
  'state backups': 'files in a folder of a path that may have no control plane',
  'state verify': 'a backup never changes',
  help: 'text of the program',
  completion: 'text of the program',
}

const changes = new Set([
  'up',
  'stop',
  'login',
  'token create',
  'token revoke',
  'key create',
  'key revoke',
  'key revoke-tokens',
  'serve up',
  'serve update',
  'serve rollback',
  'serve down',
  'serve pause',
  'serve resume',
  'ops retry',
  'ops cancel',
  'state backup',
  'state restore',
  'state move',
  'state rotate-key',
])

/** What they print is no answer of the control plane: text for a person or for a shell. */
const printsNoAnswer = new Set(['up', 'help', 'completion'])

it('every exit code has a meaning, and none stands twice', () => {
  expect(Object.keys(exitCodeMeanings)).toEqual(Object.keys(exitCodes))
  const codes = Object.values(exitCodes)
  expect(new Set(codes).size).toBe(codes.length)
})
