import type { Duplex } from 'node:stream'

/** One frame of a client (RFC 6455 §5.2), masked. @param payload up to 65,535 bytes. */
export function clientFrame(opcode: number, payload: Buffer): Buffer {
  const mask = Buffer.from([1, 2, 3, 4])
  const { length } = payload
  const head =
    length < 126
      ? Buffer.from([0x80 | opcode, 0x80 | length])
      : Buffer.from([0x80 | opcode, 0x80 | 126, length >> 8, length & 0xff])
  return Buffer.concat([head, mask, payload.map((byte, at) => byte ^ (mask[at % 4] ?? 0))])
}

export interface Frame {
  readonly opcode: number
  readonly payload: Buffer
}

/** The frames of a server that a stream received, in order, as they come. */
export class FrameReader {
  readonly frames: Frame[] = []
  private held = Buffer.alloc(0)

  constructor(stream: Duplex) {
    stream.on('data', (bytes: Buffer) => {
      this.held = Buffer.concat([this.held, bytes])
      this.read()
    })
  }

  private read(): void {
    for (;;) {
      const [first = 0, short = 0] = this.held
      const start = short === 126 ? 4 : short === 127 ? 10 : 2
      if (this.held.length < start) return
      const length =
        short === 126
          ? this.held.readUInt16BE(2)
          : short === 127
            ? Number(this.held.readBigUInt64BE(2))
            : short
      if (this.held.length < start + length) return
      this.frames.push({ opcode: first & 0x0f, payload: this.held.subarray(start, start + length) })
      this.held = this.held.subarray(start + length)
    }
  }
}
