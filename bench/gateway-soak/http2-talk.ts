import type { IncomingHttpHeaders } from 'node:http2'
import { setTimeout as delay } from 'node:timers/promises'
import { clientFrame, FrameReader } from '../../packages/gateway/test/web-socket-frames.ts'
import { answererOf } from './answer-reader.ts'
import type { Ending, Seen } from './attempts.ts'
import { Http2Client } from './http2-client.ts'
import { hungMs } from './patience.ts'
import type { Talk } from './websocket-client.ts'

/** Opcodes of RFC 6455 §5.2. */
const textFrame = 1
const closeFrame = 8
const lookMs = 5

/** One WebSocket on a connection of HTTP/2 of its own, from its handshake to its end; resolves whatever comes of it. */
export async function talkOverHttp2(to: Talk): Promise<Seen> {
  const client = new Http2Client(to.port)
  const seen = { epoch: '', replica: '', firstByteAtMs: null as number | null, isReused: false }
  const { promise, resolve } = Promise.withResolvers<Ending>()
  const onStart = (fields: IncomingHttpHeaders): void => {
    seen.firstByteAtMs = performance.now()
    Object.assign(seen, answererOf(fields))
  }
  const leave = (): void => resolve({ how: 'left' })
  to.signal.addEventListener('abort', leave)
  const hung = setTimeout(() => resolve(client.endingAfterSilence()), hungMs)
  const over = new AbortController()
  void say(client, to, { onStart, resolve, signal: over.signal })
  const untilGone = async (): Promise<void> => {
    await client.untilGone()
    resolve({ how: 'broken', code: client.faultText })
  }
  void untilGone()
  const ending = await promise
  over.abort()
  clearTimeout(hung)
  to.signal.removeEventListener('abort', leave)
  const { connection } = client
  client.end(true)
  return { ...seen, ending, connection }
}

interface Listener {
  onStart(fields: IncomingHttpHeaders): void
  resolve(ending: Ending): void
  readonly signal: AbortSignal
}

/** Says all and hears all of it again, then says goodbye or leaves. */
async function say(client: Http2Client, to: Talk, { onStart, resolve, signal }: Listener): Promise<void> {
  const stream = await client.askForTunnel(to.path)
  const { frames } = new FrameReader(stream)
  let status = 0
  stream.on('response', (fields) => {
    status = Number(fields[':status'])
    if (status === 200) onStart(fields)
  })
  stream.on('error', (error) => resolve({ how: 'broken', code: error.message }))
  stream.on('close', () => {
    const isWhole = stream.rstCode === 0 && frames.at(-1)?.opcode === closeFrame
    if (status > 200) resolve({ how: 'refused', status, text: '' })
    else resolve(isWhole ? { how: 'whole' } : { how: 'broken', code: `closed with ${stream.rstCode}` })
  })
  for (let at = 0; at < to.messages; at += 1) {
    const sent = `${to.path} ${at}`
    stream.write(clientFrame(textFrame, Buffer.from(sent)))
    while (frames.length <= at && !signal.aborted) await delay(lookMs)
    if (signal.aborted) return
    const heard = frames[at]?.payload.toString('latin1')
    if (heard !== sent) return resolve({ how: 'wrong', what: `${heard} instead of ${sent}` })
    await delay(to.everyMs)
  }
  if (to.saysGoodbye) stream.end(clientFrame(closeFrame, Buffer.from([0x03, 0xe8])))
  else resolve({ how: 'left' })
}
