import { crc32 } from 'node:zlib'
import type { SeededRandom } from '../gateway-fuzz/seeded-random.ts'

/** What a client may ask a replica of the soak for. */
export const askKinds = ['GET', 'late GET', 'POST', 'PUT', 'events', 'download', 'silence', 'cut'] as const
export type AskKind = (typeof askKinds)[number]

/** One request. Its path is unique in the run, and the replica says it again, so that an answer to another request is noticed. */
export interface Ask {
  readonly kind: AskKind
  readonly method: string
  readonly path: string
  /** With its `?`; '' for none. */
  readonly query: string
  /** Empty: no body. */
  readonly body: readonly Buffer[]
  /** No Content-Length; the pieces are sent one after another, with pauses. */
  readonly isChunked: boolean
  /** Asks for 100 (Continue) before the body. */
  readonly expects: boolean
  /** The gateway may give it to another replica when one is lost before it answers. */
  readonly isRepeatable: boolean
  /** What the whole answer must be: its text, or the size of a download. */
  readonly expected: string | number
}

/** What came of an answer. */
export interface Answer {
  readonly status: number
  /** The path that the replica says that it was asked for. */
  readonly path: string
  readonly bytes: number
  readonly crc: number
  /** Its beginning, latin1. */
  readonly text: string
}

const pieceBytes = 64 * 1024
/** Repeated up to the size that is asked for. */
const pattern = Buffer.from(Array.from({ length: pieceBytes }, (_, at) => (at * 31 + (at >> 8)) & 0xff))
const downloadBytes = [150_000, 700_000, 3_000_000] as const
/** What the gateway keeps of a body to send it again, bytes. */
const replayBytes = 64 * 1024

/** The pieces of a body of that size, made as they are wanted. */
export function* piecesOf(bytes: number): Generator<Buffer> {
  for (let left = bytes; left > 0; left -= pieceBytes) yield pattern.subarray(0, Math.min(left, pieceBytes))
}

const crcs = new Map<number, number>()

function crcOf(bytes: number): number {
  let crc = crcs.get(bytes)
  if (crc === undefined) {
    crc = 0
    for (const piece of piecesOf(bytes)) crc = crc32(piece, crc)
    crcs.set(bytes, crc)
  }
  return crc
}

/** Makes the request with that number. */
export function askFor(kind: AskKind, id: number, random: SeededRandom): Ask {
  const get = {
    kind,
    method: 'GET',
    query: '',
    body: [],
    isChunked: false,
    expects: false,
    isRepeatable: true,
  }
  switch (kind) {
    case 'GET':
      return { ...get, path: `/short/${id}`, expected: `ok ${id}` }
    case 'late GET':
      return { ...get, path: `/late/${id}`, query: `?ms=${20 + random.below(900)}`, expected: `ok ${id}` }
    case 'POST': {
      const bytes = 1 + random.below(40_000)
      const expects = random.once(6)
      return { ...get, ...sending('POST', bytes), expects, path: `/upload/${id}`, isRepeatable: false }
    }
    case 'PUT': {
      const bytes = 20_000 + random.below(400_000)
      const isRepeatable = bytes <= replayBytes
      return { ...get, ...sending('PUT', bytes), path: `/upload/${id}`, isChunked: true, isRepeatable }
    }
    case 'events': {
      const count = 5 + random.below(30)
      const expected = Array.from({ length: count }, (_, at) => `data: ${id} ${at}\n\n`).join('')
      return { ...get, path: `/events/${id}`, query: `?count=${count}&ms=${20 + random.below(80)}`, expected }
    }
    case 'download': {
      const bytes = random.pick(downloadBytes)
      return { ...get, path: `/download/${id}`, query: `?bytes=${bytes}`, expected: bytes }
    }
    case 'silence':
      return { ...get, path: `/silence/${id}`, expected: '' }
    case 'cut':
      return { ...get, path: `/cut/${id}`, query: `?reset=${random.below(2)}`, expected: '' }
  }
}

function sending(
  method: string,
  bytes: number,
): { method: string; body: readonly Buffer[]; expected: string } {
  return { method, body: [...piecesOf(bytes)], expected: `${bytes} ${crcOf(bytes)}` }
}

/** What is wrong with a whole answer of a replica; '' when nothing is. */
export function faultOf({ kind, path, expected }: Ask, answer: Answer): string {
  if (answer.path !== path) return `an answer to ${answer.path}`
  if (answer.status !== 200) return `status ${answer.status}`
  if (kind === 'cut') return 'a whole answer, where the replica gave a part'
  if (typeof expected === 'string') {
    const isSame = answer.bytes === expected.length && answer.text === expected
    return isSame ? '' : `${answer.bytes} bytes that begin with ${JSON.stringify(answer.text.slice(0, 60))}`
  }
  if (answer.bytes !== expected) return `${answer.bytes} bytes instead of ${expected}`
  return answer.crc === crcOf(expected) ? '' : 'other bytes than were sent'
}
