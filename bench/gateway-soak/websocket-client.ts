import type { ClientRequest, IncomingMessage } from 'node:http'
import type { Duplex } from 'node:stream'
import { setTimeout as delay } from 'node:timers/promises'
import { WebSocket } from 'ws'
import { answererOf } from './answer-reader.ts'
import type { Ending, Seen } from './attempts.ts'
import { connectionOf, noteConnection } from './connection-of.ts'
import { hungMs } from './patience.ts'

export interface Talk {
  readonly port: number
  readonly isTls: boolean
  readonly path: string
  /** Messages, each of which must come back before the next is sent. */
  readonly messages: number
  readonly everyMs: number
  /** It closes in good order after the last one; otherwise it just leaves. */
  readonly saysGoodbye: boolean
  readonly signal: AbortSignal
}

/** One WebSocket from its handshake to its end; resolves whatever comes of it. */
export async function talk(to: Talk): Promise<Seen> {
  let tcp: Duplex | null = null
  const socket = new WebSocket(`${to.isTls ? 'wss' : 'ws'}://127.0.0.1:${to.port}${to.path}`, {
    rejectUnauthorized: false,
    finishRequest: (request: ClientRequest) => {
      request.on('socket', (opened) => {
        tcp = opened
        noteConnection(opened)
      })
      request.end()
    },
  })
  const seen = { epoch: '', replica: '', firstByteAtMs: null as number | null, isReused: false }
  const { promise, resolve } = Promise.withResolvers<Ending>()
  let isDone = false
  socket.on('upgrade', ({ headers }: IncomingMessage) => {
    seen.firstByteAtMs = performance.now()
    Object.assign(seen, answererOf(headers))
  })
  socket.on('unexpected-response', (_request, answer: IncomingMessage) => {
    let text = ''
    answer.on('data', (piece: Buffer) => (text += piece.toString('latin1')))
    answer.on('close', () =>
      resolve({ how: 'refused', status: answer.statusCode ?? 0, text: text.trim().slice(0, 120) }),
    )
  })
  socket.on('error', (error) => resolve({ how: 'broken', code: error.message }))
  socket.on('close', (code) =>
    resolve(isDone && code === 1000 ? { how: 'whole' } : { how: 'broken', code: `closed with ${code}` }),
  )
  socket.on('open', async () => {
    const fault = await say(socket, to)
    if (fault !== '') resolve({ how: 'wrong', what: fault })
    if (!to.saysGoodbye) resolve({ how: 'left' })
    isDone = true
    socket.close(1000)
  })
  const leave = (): void => resolve({ how: 'left' })
  to.signal.addEventListener('abort', leave)
  const hung = setTimeout(() => resolve({ how: 'hung' }), hungMs)
  const ending = await promise
  clearTimeout(hung)
  to.signal.removeEventListener('abort', leave)
  if (socket.readyState !== WebSocket.CLOSED) socket.terminate()
  return { ...seen, ending, connection: connectionOf(tcp) }
}

/** Says all and hears all of it again; never resolves when the connection breaks meanwhile. @returns what was wrong; '' for nothing. */
async function say(socket: WebSocket, { path, messages, everyMs }: Talk): Promise<string> {
  for (let at = 0; at < messages; at += 1) {
    const sent = `${path} ${at}`
    const answer = await new Promise<string>((resolve) => {
      socket.once('message', (message: Buffer) => resolve(message.toString('latin1')))
      socket.send(sent)
    })
    if (answer !== sent) return `${answer} instead of ${sent}`
    await delay(everyMs)
  }
  return ''
}
