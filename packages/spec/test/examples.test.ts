import { spawn, spawnSync, type ChildProcess } from 'node:child_process'
import { readdirSync, readFileSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { parsed } from './parse.ts'

const root = fileURLToPath(new URL('../../../', import.meta.url))
const names = readdirSync(join(root, 'examples')).toSorted()
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
async function start(name: string): Promise<{ url: string; child: ChildProcess }> {
  const { spec, workdir = '' } = example(name)
  const port = await freePort()
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

/** The exit code after SIGTERM. */
async function stopped(child: ChildProcess): Promise<number | null> {
  const exited = new Promise<number | null>((resolve) => child.once('exit', resolve))
  child.kill('SIGTERM')
  return exited
}

it('there is an example of each kind, and each YAML is read without a warning', () => {
  expect(names).toEqual(['hello', 'http-server', 'token-streamer', 'websocket-echo'])
  for (const name of names) {
    const files = readdirSync(join(root, 'examples', name)).filter((file) => file.endsWith('.yaml'))
    expect(files).toContain('service.yaml')
    for (const file of files) {
      const { spec, warnings, workdir } = example(name, file)
      expect([spec.name, workdir, warnings]).toEqual([name, `examples/${name}`, []])
    }
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

const hasPython = spawnSync('python3', ['--version']).status === 0

it.skipIf(!hasPython)(
  `http-server answers its page${hasPython ? '' : ' (skipped: needs python3)'}`,
  async () => {
    const { url, child } = await start('http-server')
    expect(await (await fetch(url)).text()).toContain('Hello from http-server')
    expect(await stopped(child)).toBe(0)
  },
)
