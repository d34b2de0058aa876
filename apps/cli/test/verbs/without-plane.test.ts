import { chmodSync, existsSync, mkdirSync, statSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CommandLine, unfriendly, type Result } from './command-line.ts'

let line: CommandLine
beforeEach(() => {
  line = new CommandLine()
  line.write('config.yaml', '')
})
afterEach(() => line.remove())

/** What is not as a refusal should be: exit code, nothing on standard output, words for a person, each of the texts. */
function flaws(result: Result, code: number, ...texts: readonly (string | RegExp)[]): readonly string[] {
  const { stdout, stderr } = result
  const isMissing = (text: string | RegExp): boolean =>
    typeof text === 'string' ? !stderr.includes(text) : !text.test(stderr)
  return [
    ...(result.code === code ? [] : [`exit code ${result.code}`]),
    ...(stdout === '' ? [] : [`standard output: ${stdout}`]),
    ...(unfriendly.test(stderr) ? [`unfriendly: ${stderr}`] : []),
    ...texts.filter(isMissing).map((text) => `${String(text)} is not in: ${stderr}`),
  ]
}

const service = 'name: hello\nrun: sleep 100\nservice:\n  readiness_probe: /\n  replicas: 1\n'

describe('where no control plane runs', () => {
  it.each([
    ['status'],
    ['serve', 'status'],
    ['serve', 'status', 'hello', '--json'],
    ['serve', 'logs', 'hello'],
    ['ops'],
    ['events'],
    ['system', 'status', '--json'],
    ['login'],
  ])('a read says so, ends with 3 and starts nothing: %s %s', async (...args) => {
    expect(
      flaws(await line.run(args), 3, `no control plane is running on ${line.root}`, 'npm start'),
    ).toEqual([])
    expect(existsSync(line.root)).toBe(false)
  })

  it('stop has nothing to stop, and says so', async () => {
    const { code, stdout } = await line.run(['stop'])
    expect([code, stdout]).toEqual([0, `nothing of Skykeep runs on ${line.root}\n`])
  })

  it('state where names every part, also as JSON, and makes nothing', async () => {
    const { code, stdout } = await line.run(['state', 'where'])
    expect(code).toBe(0)
    expect(stdout).toContain(`persistent path  ${line.root}  (not there yet: the first start makes it)`)
    expect(stdout).toContain('named by         SKYPILOT_PERSISTENT_PATH')
    const where: unknown = JSON.parse((await line.run(['state', 'where', '--json'])).stdout)
    expect(where).toMatchObject({
      persistentPath: line.root,
      configFile: line.config,
      isPathPresent: false,
      holder: null,
      processes: [],
    })
    expect(existsSync(line.root)).toBe(false)
  })

  it.each([['state', 'backup'], ['state', 'rotate-key'], ['serve', 'status'], ['up']])(
    'a path whose state went elsewhere says where it is: %s %s',
    async (...args) => {
      mkdirSync(line.root, { mode: 0o700 })
      writeFileSync(path.join(line.root, 'moved.json'), '{"to":"/elsewhere","atMs":1}\n', { mode: 0o600 })
      const result = await line.run(args)
      expect(flaws(result, 1, `the state of ${line.root} was moved to /elsewhere`, 'Set SKY')).toEqual([])
    },
  )

  it('state doctor finds a mode that is too open and --fix mends it', async () => {
    mkdirSync(line.root, { mode: 0o755 })
    chmodSync(line.root, 0o755)
    const found = await line.run(['state', 'doctor'])
    expect(found.stdout).toMatch(/^fail {2}owner and modes .*has mode 755/m)
    expect(found.code).toBe(1)
    const mended = await line.run(['state', 'doctor', '--fix', '--json'])
    expect(mended.code).toBe(0)
    expect(JSON.parse(mended.stdout)).toContainEqual(
      expect.objectContaining({ name: 'owner and modes', status: 'ok' }),
    )
    expect(statSync(line.root).mode & 0o777).toBe(0o700)
  })
})

describe('a command that cannot be understood ends with 2 and starts nothing', () => {
  it.each([
    [['nonsense'], "unknown command 'nonsense'"],
    [['serve', 'nonsense'], "unknown command 'nonsense'"],
    [['serve', 'up'], "missing required argument 'file'"],
    [['serve', 'status', '--frob'], "unknown option '--frob'"],
    [['serve', 'logs', 'hello', 'one'], 'Give a whole number above 0.'],
    [['serve', 'logs', 'hello', '--tail-bytes', '99999999'], 'At most 16,777,216.'],
    [['events', '--limit', '500'], 'At most 200.'],
    [['events', '--cause', '5', '--type', 'service.scaled'], '`--cause` and `--type` exclude each other.'],
    [['events', '--at', '10m', '--follow'], '`--at` and `--follow` exclude each other.'],
    [['events', '--at', '10m', '--cause', '5'], '`--at` and `--cause` exclude each other.'],
    [['up', '--port', '70000'], 'At most 65,535.'],
    [['serve', 'up', 'nofile.yaml'], 'nofile.yaml: no such file'],
    [['serve', 'up', '.'], /error: \.: is a folder, not a service YAML/],
    [
      ['serve', 'up', 'hello.yaml', '--name', 'A B'],
      /the given name "A B" cannot be used.*\n[^]*Write for example `a-b`/,
    ],
    [['serve', 'up', 'hello.yaml', '--secret', 'TOKEN'], '--secret TOKEN: no value'],
    [['serve', 'up', 'hello.yaml', '--env-file', 'none.env'], '--env-file none.env: cannot be read'],
    [['serve', 'up', 'nodir.yaml'], /workdir: no-such-folder: no such folder\n.*Looked at /],
    [['serve', 'up', 'filedir.yaml'], 'workdir: hello.yaml: not a folder'],
  ] as const)('%j', async (args, text) => {
    line.write('hello.yaml', service)
    line.write('nodir.yaml', `workdir: no-such-folder\n${service}`)
    line.write('filedir.yaml', `workdir: hello.yaml\n${service}`)
    expect(flaws(await line.run(args), 2, text)).toEqual([])
    expect(existsSync(line.root)).toBe(false)
  })

  it.each([
    [[], 'Services:'],
    [['serve'], 'Commands:'],
    [['state'], 'Commands:'],
    [['system'], 'Commands:'],
  ] as const)('%j shows what is possible', async (args, heading) => {
    expect(flaws(await line.run(args), 2, 'Usage: skykeep', heading)).toEqual([])
  })

  it('every problem of a YAML is shown at once, with file, line and column; warnings too', async () => {
    const file = line.write(
      'bad.yaml',
      'name: Bad_Name\nresources:\n  infra: aws\n  acelerators: A100\nrun: x\nservice:\n  replicas: two\n',
    )
    expect(
      flaws(
        await line.run(['serve', 'up', file]),
        2,
        `${file}:1:7: error`,
        `${file}:3:10: error: the infra \`aws\` is not supported yet`,
        `${file}:4:3: error: \`acelerators\``,
        'Did you mean `accelerators`?',
        `${file}:7:13: error`,
        /^4 errors, 1 warning$/m,
        'Nothing was started or changed.',
      ),
    ).toEqual([])
    expect(existsSync(line.root)).toBe(false)
  })
})

describe('a persistent path that cannot be used is refused by name, with a way out', () => {
  const everyVerb = [['up'], ['serve', 'status'], ['serve', 'down', 'x'], ['state', 'where'], ['stop']]

  it.each(everyVerb)('too long for sockets: %s %s', async (...args) => {
    const long = path.join('/tmp', 'a'.repeat(100))
    const env = { SKYPILOT_PERSISTENT_PATH: long }
    expect(
      flaws(await line.run(args, { env }), 2, 'SKYPILOT_PERSISTENT_PATH is 105 bytes long', 'shorter path'),
    ).toEqual([])
  })

  it.each(everyVerb)('relative: %s %s', async (...args) => {
    const env = { SKYPILOT_PERSISTENT_PATH: 'state' }
    expect(
      flaws(await line.run(args, { env }), 2, 'is state, which is not absolute', 'Begin it with /'),
    ).toEqual([])
  })

  it.each([[['up']], [['serve', 'up', 'hello.yaml']]])('a file: %j', async (args) => {
    line.write('hello.yaml', service)
    writeFileSync(line.root, '')
    expect(flaws(await line.run(args), 1, `${line.root} is no folder`, 'move it away: mv ')).toEqual([])
  })

  it.each([[['up']], [['serve', 'up', 'hello.yaml']]])('a mode that lets others in: %j', async (args) => {
    line.write('hello.yaml', service)
    mkdirSync(line.root)
    chmodSync(line.root, 0o755)
    expect(flaws(await line.run(args), 1, 'has mode 755', `chmod 700 ${line.root}`)).toEqual([])
  })

  it.each([
    ['web:\n  prot: 1\n', /config\.yaml:2: unknown key `web\.prot`\n.*Did you mean `web\.port`\?/],
    ['web:\n  port: 99999\n', /config\.yaml:2: web\.port must be a whole number from 1 to 65535, not 99999/],
    ['web: [\n', /config\.yaml:2: not valid YAML: /],
    ['persistent_path: relative\n', /persistent_path in .*config\.yaml is relative, which is not absolute/],
  ])('config.yaml %j', async (text, refusal) => {
    line.write('config.yaml', text)
    const env = { SKYPILOT_PERSISTENT_PATH: '' }
    for (const args of everyVerb) expect(flaws(await line.run(args, { env }), 2, refusal)).toEqual([])
  })
})
