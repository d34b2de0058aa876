import { execFile } from 'node:child_process'
import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import { promisify } from 'node:util'
import autocannon from 'autocannon'
import OpenAI from 'openai'
import { afterEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { httpUpstream, startGateway, until } from './harness.ts'
import type { TestGateway } from './harness.ts'

const run = promisify(execFile)
const cleanups: (() => Promise<unknown>)[] = []
afterEach(async () => {
  for (const cleanup of cleanups.splice(0).toReversed()) await cleanup()
})

const words = Array.from({ length: 200 }, (_, at) => `word${at} `)

/** What an inference server sends for `stream: true` (OpenAI API reference, "Streaming", 2026). */
function chunkOf(content: string): string {
  const choices = [{ index: 0, delta: { content }, finish_reason: null }]
  return `data: ${JSON.stringify({ id: 'c1', object: 'chat.completion.chunk', created: 1, model: 'stand-in', choices })}\n\n`
}

function answer(request: IncomingMessage, response: ServerResponse): void {
  if (request.url !== '/v1/chat/completions') return void request.resume().on('end', () => response.end('ok'))
  let body = ''
  request.on('data', (part: Buffer) => (body += part.toString()))
  request.on('end', () => {
    const asked: { readonly stream?: boolean } = JSON.parse(body)
    if (asked.stream === true) return stream(response)
    const choices = [
      { index: 0, message: { role: 'assistant', content: words.join('') }, finish_reason: 'stop' },
    ]
    response.setHeader('Content-Type', 'application/json')
    return response.end(
      JSON.stringify({ id: 'c1', object: 'chat.completion', created: 1, model: 'stand-in', choices }),
    )
  })
}

function stream(response: ServerResponse): void {
  response.writeHead(200, { 'Content-Type': 'text/event-stream' })
  const left = [...words]
  const timer = setInterval(() => {
    const word = left.shift()
    if (word !== undefined) return response.write(chunkOf(word))
    clearInterval(timer)
    return response.end('data: [DONE]\n\n')
  }, 1)
  response.on('close', () => clearInterval(timer))
}

interface Serving extends TestGateway {
  /** Port of the replica itself. */
  readonly direct: number
  /** Answers that the replica could not finish. */
  readonly leftEarly: () => number
}

async function serving(): Promise<Serving> {
  let leftEarly = 0
  const upstream = await httpUpstream((request, response) => {
    response.on('close', () => (leftEarly += response.writableFinished ? 0 : 1))
    answer(request, response)
  })
  const sockets = new WebSocketServer({ noServer: true })
  upstream.server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) =>
    sockets.handleUpgrade(request, socket, head, (opened) => sockets.emit('connection', opened)),
  )
  sockets.on('connection', (socket) => socket.on('message', (data) => socket.send(data)))
  cleanups.push(() => upstream.kill())
  const gateway = await startGateway([upstream])
  cleanups.push(() => gateway.close())
  return { ...gateway, direct: upstream.port, leftEarly: () => leftEarly }
}

const clientOf = ({ port }: TestGateway): OpenAI =>
  new OpenAI({ baseURL: `http://127.0.0.1:${port}/v1`, apiKey: 'unused', maxRetries: 0 })
const asked = () => ({ model: 'stand-in', messages: [{ role: 'user' as const, content: 'hello' }] })

describe('clients that people use, through the gateway', () => {
  it('the OpenAI SDK: a completion, a stream word by word, and a stream that it leaves', async () => {
    const gateway = await serving()
    const client = clientOf(gateway)
    const whole = await client.chat.completions.create(asked())
    expect(whole.choices[0]?.message.content).toBe(words.join(''))
    const streaming = { ...asked(), stream: true } as const
    let text = ''
    let parts = 0
    for await (const part of await client.chat.completions.create(streaming)) {
      text += part.choices[0]?.delta.content ?? ''
      parts += 1
    }
    expect([text, parts]).toEqual([words.join(''), words.length])
    for await (const part of await client.chat.completions.create(streaming)) if (part.id === 'c1') break
    await until('the replica was told', () => gateway.leftEarly() === 1)
    await until('its count is back', () => gateway.gateway.plane.inFlight.count === 0)
  })

  it('autocannon: pipelined, with bodies, thousands of requests, each with its answer', async () => {
    const { port, gateway, direct } = await serving()
    const fire = async (at: number, options: object): Promise<readonly number[]> => {
      const url = `http://127.0.0.1:${at}/`
      const result = await autocannon({ url, connections: 20, amount: 4000, ...options })
      return [result['2xx'], result.errors, result.timeouts, result.non2xx]
    }
    expect(await fire(port, { method: 'POST', body: 'x'.repeat(10_000) })).toEqual([4000, 0, 0, 0])
    // It does not wait for the last of those that it pipelines: as many as without a gateway.
    expect(await fire(port, { pipelining: 8 })).toEqual(await fire(direct, { pipelining: 8 }))
    await until('nothing is left', () => gateway.plane.inFlight.count === 0)
  })

  it('a WebSocket client: text and binary, back and forth, and its close', async () => {
    const { port, gateway } = await serving()
    const socket = new WebSocket(`ws://127.0.0.1:${port}/`)
    await new Promise((resolve) => socket.on('open', resolve))
    for (const sent of ['text', Buffer.alloc(200_000, 7)]) {
      const back = new Promise<Buffer>((resolve) => socket.once('message', (data: Buffer) => resolve(data)))
      socket.send(sent)
      expect((await back).equals(Buffer.from(sent))).toBe(true)
    }
    const closed = new Promise((resolve) => socket.on('close', resolve))
    socket.close(4000)
    expect(await closed).toBe(4000)
    await until('nothing is left', () => gateway.plane.inFlight.count === 0)
  })

  it('curl: methods, an upload that waits for 100, and a HEAD', async () => {
    const { port } = await serving()
    const url = `http://127.0.0.1:${port}/`
    const curl = async (...args: readonly string[]): Promise<string> =>
      (await run('curl', ['-s', '-w', ' %{http_code}', ...args, url])).stdout
    expect(await curl()).toBe('ok 200')
    expect(await curl('-X', 'DELETE')).toBe('ok 200')
    expect(await curl('-H', 'Expect: 100-continue', '--data-binary', 'x'.repeat(50_000))).toBe('ok 200')
    expect(await curl('--http1.0')).toBe('ok 200')
    expect(await curl('-I')).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\n 200$/)
  })
})
