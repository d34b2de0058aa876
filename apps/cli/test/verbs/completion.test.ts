import { execFileSync } from 'node:child_process'
import path from 'node:path'
import { beforeAll, describe, expect, it } from 'vitest'
import { build } from './command-line.ts'
import { answering, onePlane, untilStatus } from './running-plane.ts'
import { CompletingShell, lackOf } from './shells.ts'

const plane = onePlane()
let shell: CompletingShell
beforeAll(() => {
  shell = new CompletingShell(plane)
  plane.write('service.yaml', 'name: hello\n')
})

const noFish = lackOf('fish')
const noZsh = lackOf('zsh')

function asked(...args: readonly string[]): string {
  return execFileSync(path.join(build, 'node'), ['--', path.join(build, 'cli.mjs'), '__complete', ...args], {
    env: plane.env,
    encoding: 'utf8',
  })
}

describe('completion where no plane runs', () => {
  it('bash: verbs, options, choices, files, verbs after help', () => {
    expect(shell.bash(['skykeep', 'serve', 'st'])).toEqual(['status'])
    expect(shell.bash(['skykeep', ''])).toEqual(
      expect.arrayContaining(['up', 'serve', 'state', 'completion']),
    )
    expect(shell.bash(['skykeep', 'serve', 'status', '--wa'])).toEqual(['--watch'])
    expect(shell.bash(['skykeep', 'ops', 'x', '--no-c'])).toEqual(['--no-color'])
    const choices = ['blue_green', 'canary', 'rolling']
    const update = ['skykeep', 'serve', 'update', 'hello', 'service.yaml', '--mode']
    expect(shell.bash([...update, '']).toSorted()).toEqual(choices)
    expect(shell.bash([...update, '=', 'ca'])).toEqual(['canary'])
    expect(shell.bash(['skykeep', 'events', '--type', 'replica.l'])).toEqual(['replica.launched'])
    expect(shell.bash(['skykeep', 'serve', 'up', 'serv'])).toEqual(['service.yaml'])
    expect(shell.bash(['skykeep', 'help', 'serve', 'rollb'])).toEqual(['rollback'])
  })

  it.skipIf(noFish !== '')(`fish: the same${noFish}`, () => {
    expect(shell.fish('skykeep serve st')).toEqual(['status'])
    expect(shell.fish('skykeep ')).toEqual(expect.arrayContaining(['up', 'serve', 'state', 'completion']))
    expect(shell.fish('skykeep serve status --wa')).toEqual(['--watch'])
    expect(shell.fish('skykeep serve update hello service.yaml --mode ca')).toEqual(['canary'])
    expect(shell.fish('skykeep serve up serv')).toEqual(['service.yaml'])
    expect(shell.fish('skykeep help serve rollb')).toEqual(['rollback'])
  })

  it.skipIf(noZsh !== '')(`zsh: the same${noZsh}`, () => {
    expect(shell.zsh('skykeep serve stat')).toBe('skykeep serve status ')
    expect(shell.zsh('skykeep serve status --wa')).toBe('skykeep serve status --watch ')
    expect(shell.zsh('skykeep serve update a b --mode can')).toBe('skykeep serve update a b --mode canary ')
    expect(shell.zsh('skykeep serve update a b --mode=can')).toBe('skykeep serve update a b --mode=canary ')
    expect(shell.zsh('skykeep serve up serv')).toBe('skykeep serve up service.yaml ')
    expect(shell.zsh('skykeep help serve rollb')).toBe('skykeep help serve rollback ')
  })

  it('a name is asked for without a word, and starts nothing', async () => {
    for (const kind of ['service', 'replica', 'version', 'operation', 'nonsense'])
      expect(asked(kind, 'hello')).toBe('')
    expect(shell.bash(['skykeep', 'serve', 'down', ''])).toEqual([])
    expect((await plane.run(['status'])).code).toBe(3)
  })
})

describe('completion with what runs', () => {
  beforeAll(async () => {
    const { code, stderr } = await plane.serve('hello', answering)
    if (code !== 0) throw new Error(stderr)
    await untilStatus(plane, 'hello', ({ status }) => status === 'READY')
  })

  it('names services, replicas, versions and operations, each with what it is', () => {
    expect(asked('service')).toBe('hello\tREADY\n')
    expect(asked('replica', 'hello')).toBe('1\tREADY\n')
    expect(asked('version', 'hello')).toMatch(/^1\t\d{4}-/)
    expect(asked('operation')).toMatch(/^op_\w+\tserve\.up hello SUCCEEDED$/m)
    expect(asked('replica', 'nobody')).toBe('')
  })

  it('bash', () => {
    expect(shell.bash(['skykeep', 'serve', 'down', 'h'])).toEqual(['hello'])
    expect(shell.bash(['skykeep', 'serve', 'logs', 'hello', ''])).toEqual(['1'])
    expect(shell.bash(['skykeep', 'serve', 'down', 'hello', '--replica-id', ''])).toEqual(['1'])
    expect(shell.bash(['skykeep', 'serve', 'rollback', 'hello', '--to', ''])).toEqual(['1'])
    expect(shell.bash(['skykeep', 'events', '--service', ''])).toEqual(['hello'])
    expect(shell.bash(['skykeep', 'ops', 'op'])[0]).toMatch(/^op_/)
  })

  it.skipIf(noFish !== '')(`fish${noFish}`, () => {
    expect(shell.fish('skykeep serve down h')).toEqual(['hello'])
    expect(shell.fish('skykeep serve logs hello ')).toEqual(['1'])
  })

  it.skipIf(noZsh !== '')(`zsh${noZsh}`, () => {
    expect(shell.zsh('skykeep serve down h')).toBe('skykeep serve down hello ')
    expect(shell.zsh('skykeep serve logs hello ')).toBe('skykeep serve logs hello 1 ')
  })
})
