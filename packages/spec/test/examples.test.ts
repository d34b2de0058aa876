import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parseServiceYaml } from '../src/parse-service-yaml.ts'
import { parsed } from './parse.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const names = readdirSync(join(root, 'examples')).toSorted()
const table = readFileSync(join(root, 'docs/examples.md'), 'utf8')
/** What docs/examples.md states of each example on `infra: local`: runs, accepted, or refused with the key. */
const stated = new Map(
  table.split('\n').flatMap((line): readonly [string, string][] => {
    const [, name, result] = /^\| \[([a-z-]+)\]\(\.\.\/examples\/[a-z-]+\).*\| ([^|]+?) +\|$/.exec(line) ?? []
    return name === undefined || result === undefined ? [] : [[name, result]]
  }),
)
const running: ChildProcess[] = []

afterEach(() => {
  for (const child of running.splice(0)) child.kill('SIGKILL')
})

function example(name: string, file = 'service.yaml'): ReturnType<typeof parsed> {
  return parsed(readFileSync(join(root, 'examples', name, file), 'utf8'))
}

async function freePort(): Promise<number> {
  const server = createServer()
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  await new Promise((resolve) => server.close(resolve))
  if (address === null || typeof address === 'string') throw new Error('no port')
  return address.port
}

/** Starts the example as its YAML says, in its workdir, and waits until its readiness probe answers 200. */
async function start(name: string, wanted?: number): Promise<{ url: string; child: ChildProcess }> {
  const { spec, workdir = '' } = example(name)
  const port = wanted ?? (await freePort())
  const fixed = spec.service.replicaPort
  const run = fixed === undefined ? spec.task.run : spec.task.run.replace(String(fixed), String(port))
  const child = spawn('bash', ['-c', `exec ${run}`], {
    cwd: join(root, workdir),
    env: { PATH: process.env['PATH'], PORT: String(port), SKYPILOT_SERVE_REPLICA_ID: '7', ...spec.task.envs },
    stdio: 'ignore',
  })
  running.push(child)
  const url = `http://127.0.0.1:${port}`
  await eventually(async () => (await fetch(url + spec.service.readinessProbe.path)).status === 200)
  return { url, child }
}

async function eventually(holds: () => Promise<boolean>): Promise<void> {
  const deadline = performance.now() + 20_000
  while (!(await holds().catch(() => false))) {
    if (performance.now() > deadline) throw new Error('did not become true within 20 s')
    await new Promise((resolve) => setTimeout(resolve, 25))
  }
}

function dot(one: readonly number[], other: readonly number[]): number {
  return one.reduce((sum, value, index) => sum + value * (other[index] ?? 0), 0)
}

/** Runs the batch client with these lines against the embeddings server at `url`. */
function runBatch(url: string, lines: readonly string[]) {
  const child = spawn('node', [join(root, 'examples/batch/batch.js'), `${url}/v1/embeddings`], {
    stdio: ['pipe', 'pipe', 'ignore'],
  })
  running.push(child)
  child.stdin.end(`${lines.join('\n')}\n`)
  let text = ''
  child.stdout.on('data', (chunk: Buffer) => (text += chunk.toString()))
  const ended = new Promise<{ code: number | null; output: string[] }>((resolve) =>
    child.once('close', (code) => resolve({ code, output: text.trimEnd().split('\n') })),
  )
  return { child, ended }
}

/** The exit code after SIGTERM. */
async function stopped(child: ChildProcess): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return exited
}

it('docs/examples.md states the result of each example that has a YAML, and of no other', () => {
  const withYaml = names.filter((name) => readdirSync(join(root, 'examples', name)).includes('service.yaml'))
  expect([...stated.keys()].toSorted()).toEqual(withYaml)
  for (const name of names) expect(readdirSync(join(root, 'examples', name))).toContain('README.md')
})

it('each YAML is read without a warning, or refused for the stated key alone', () => {
  for (const [name, result] of stated) {
    const files = readdirSync(join(root, 'examples', name)).filter((file) => file.endsWith('.yaml'))
    for (const file of files) {
      const read = parseServiceYaml(readFileSync(join(root, 'examples', name, file), 'utf8'))
      const found = read.ok
        ? { name: read.spec.name, workdir: read.workdir, warnings: read.warnings }
        : `refused: ${read.problems.map(({ path }) => path).join(', ')}`
      expect(found).toEqual(
        result.startsWith('refused') ? result : { name, workdir: `examples/${name}`, warnings: [] },
      )
    }
  }
})

it('what is refused here for its GPUs alone is accepted where there are some', () => {
  const refused = [...stated].filter(([, result]) => result === 'refused: resources.accelerators')
  for (const [name] of refused) {
    const text = readFileSync(join(root, 'examples', name, 'service.yaml'), 'utf8')
    const { spec, warnings } = parsed(text.replace('resources:\n', 'resources:\n  infra: sim\n'))
    expect([spec.name, warnings]).toEqual([name, []])
  }
})

it('hello answers with its replica and process ids, and ends at SIGTERM', async () => {
  const { url, child } = await start('hello')
  const text = await (await fetch(url)).text()
  expect(text).toMatch(new RegExp(`^Hello from replica 7 \\(pid ${child.pid}\\), reply 1\\n$`))
  expect(await stopped(child)).toBe(0)
})

describe('token-streamer', () => {
  it('streams one event a token, as they come', async () => {
    const { url, child } = await start('token-streamer')
    const response = await fetch(`${url}/stream?tokens=5&ms=30`)
    expect(response.headers.get('content-type')).toBe('text/event-stream')
    const chunks: string[] = []
    for await (const chunk of response.body ?? []) chunks.push(Buffer.from(chunk).toString())
    expect(chunks.length).toBeGreaterThan(2)
    const events = chunks.join('').trimEnd().split('\n\n')
    expect(events).toHaveLength(6)
    expect(JSON.parse(events[0]?.slice('data: '.length) ?? '')).toMatchObject({ index: 0, replica: '7' })
    expect(events[5]).toBe('data: [DONE]')
    expect(await stopped(child)).toBe(0)
  })

  it('POST /generate says the prompt back; a body that is not JSON gets 400', async () => {
    const { url } = await start('token-streamer')
    const body = JSON.stringify({ prompt: 'one two', tokens: 2, ms: 0 })
    const text = await (await fetch(`${url}/generate`, { method: 'POST', body })).text()
    expect(text).toContain('"token":"one"')
    expect(text).toContain('"token":"two"')
    expect((await fetch(`${url}/generate`, { method: 'POST', body: '{' })).status).toBe(400)
  })

  it('an open stream runs to its end after SIGTERM', async () => {
    const { url, child } = await start('token-streamer')
    const response = await fetch(`${url}/stream?tokens=10&ms=20`)
    const exit = stopped(child)
    expect(await response.text()).toContain('[DONE]')
    expect(await exit).toBe(0)
  })
})

describe('websocket-echo', () => {
  it('echoes text and binary of every length class, answers a ping, closes both ways', async () => {
    const { url, child } = await start('websocket-echo')
    const socket = new WebSocket(url.replace('http', 'ws'))
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    for (const length of [0, 5, 125, 126, 65_535, 65_536, 1_000_000]) {
      for (const message of ['é'.repeat(length / 2), Buffer.alloc(length, 7)]) {
        const echoed = new Promise<[Buffer, boolean]>((resolve) => {
          // The default binaryType hands every message over as one Buffer.
          socket.once('message', (content, isBinary) => resolve([content as Buffer, isBinary]))
        })
        socket.send(message)
        const [content, isBinary] = await echoed
        expect(isBinary).toBe(typeof message !== 'string')
        expect(content.equals(Buffer.from(message))).toBe(true)
      }
    }
    const ponged = new Promise<Buffer>((resolve) => socket.once('pong', resolve))
    socket.ping('are you there')
    expect((await ponged).toString()).toBe('are you there')
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    expect(await stopped(child)).toBe(0)
    expect(await closed).toBe(1001)
  })

  it('joins fragments and echoes a close code', async () => {
    const { url } = await start('websocket-echo')
    const socket = new WebSocket(url.replace('http', 'ws'))
    await new Promise((resolve, reject) => socket.once('open', resolve).once('error', reject))
    const echoed = new Promise<string>((resolve) =>
      socket.once('message', (content) => resolve(String(content))),
    )
    socket.send('one ', { fin: false })
    socket.send('two', { fin: true })
    expect(await echoed).toBe('one two')
    const closed = new Promise<number>((resolve) => socket.once('close', resolve))
    socket.close(4001)
    expect(await closed).toBe(4001)
  })

  it('a plain request is told to upgrade', async () => {
    const { url } = await start('websocket-echo')
    expect((await fetch(url)).status).toBe(426)
  })
})

describe('embeddings', () => {
  it('gives a vector of length 1 for each text, nearer for texts that share words', async () => {
    const { url, child } = await start('embeddings')
    const input = ['a sky of clouds', 'the sky has clouds', 'bread with butter']
    const body = JSON.stringify({ model: 'any', input })
    const response = await fetch(`${url}/v1/embeddings`, { method: 'POST', body })
    const answer = (await response.json()) as { readonly data: readonly { readonly embedding: number[] }[] }
    const [sky = [], clouds = [], bread = []] = answer.data.map(({ embedding }) => embedding)
    expect(sky).toHaveLength(256)
    expect(dot(sky, sky)).toBeCloseTo(1)
    expect(dot(sky, clouds)).toBeGreaterThan(dot(sky, bread))
    expect(await stopped(child)).toBe(0)
  })

  it('refuses a body that is no JSON, and an input that is no text', async () => {
    const { url } = await start('embeddings')
    for (const body of ['{', '{}', '{"input": []}', '{"input": [1]}', 'null']) {
      expect((await fetch(`${url}/v1/embeddings`, { method: 'POST', body })).status).toBe(400)
    }
  })
})

describe('batch', () => {
  it('writes one answer a line in the order of the lines, though the server dies meanwhile and comes back', async () => {
    const { url, child } = await start('embeddings')
    const lines = Array.from({ length: 600 }, (_, index) => `text ${index}`)
    const batch = runBatch(url, lines)
    await new Promise((resolve) => batch.child.stdout?.once('data', resolve))
    child.kill('SIGKILL')
    await start('embeddings', Number(new URL(url).port))
    const { code, output } = await batch.ended
    expect(output.map((line) => (JSON.parse(line) as { readonly input: string }).input)).toEqual(lines)
    expect(output.filter((line) => line.includes('"error"'))).toEqual([])
    expect(code).toBe(0)
  })

  it('a text that is refused for good stands in its line, and the exit code says so', async () => {
    const { url } = await start('embeddings')
    const { code, output } = await runBatch(url, ['one', 'x'.repeat(5_000_000), 'three']).ended
    expect(output.map((line) => line.includes('"error"'))).toEqual([false, true, false])
    expect(code).toBe(1)
  })
})

const hasPython = spawnSync('python3', ['--version']).status === 0

it.skipIf(!hasPython)(
  `http-server answers its page${hasPython ? '' : ' (skipped: needs python3)'}`,
  async () => {
    const { url, child } = await start('http-server')
    expect(await (await fetch(url)).text()).toContain('Hello from http-server')
    expect(await stopped(child)).toBe(0)
  },
)
