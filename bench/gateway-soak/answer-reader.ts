import { crc32 } from 'node:zlib'
import type { Ask } from './asks.ts'
import { faultOf } from './asks.ts'
import type { Ending } from './attempts.ts'

const keptChars = 8192
/** What of a gateway's epoch stands in the ids that it gives. */
export const epochChars = 16

/** Header fields by lower-case name, as Node has them. */
export type Fields = Readonly<Record<string, unknown>>

function textOf(value: unknown): string {
  return typeof value === 'string' ? value : ''
}

/** Says which gateway process and which replica answer. */
export function answererOf(fields: Fields): { readonly epoch: string; readonly replica: string } {
  return {
    epoch: textOf(fields['x-soak-id']).slice(0, epochChars),
    replica: textOf(fields['x-soak-replica']),
  }
}

/** Reads one answer to its end. */
export class AnswerReader {
  private readonly ask: Ask
  private readonly status: number
  private readonly fields: Fields
  private bytes = 0
  private crc = 0
  private text = ''

  constructor(ask: Ask, status: number, fields: Fields) {
    this.ask = ask
    this.status = status
    this.fields = fields
  }

  take(piece: Buffer): void {
    this.bytes += piece.length
    this.crc = crc32(piece, this.crc)
    if (this.text.length < keptChars) this.text += piece.toString('latin1')
  }

  /** The answer is whole. */
  ending(): Ending {
    const { ask, status, text, bytes, crc } = this
    const path = textOf(this.fields['x-soak-path'])
    if (path === '') {
      // What a replica never answers is ended by the gateway.
      if (ask.kind === 'silence' && status === 504) return { how: 'whole' }
      return { how: 'refused', status, text: text.trim().slice(0, 120) }
    }
    const what = faultOf(ask, { status, path, bytes, crc, text })
    return what === '' ? { how: 'whole' } : { how: 'wrong', what }
  }
}
