import { createHash } from 'node:crypto'

const maxMessageBytes = 16 * 1024 * 1024

/** The answer to a client's key (RFC 6455 §4.2.2). */
export function acceptKey(key) {
  return createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
}

/** One unmasked, unfragmented frame. */
export function frame(opcode, payload) {
  const { length } = payload
  const header = Buffer.alloc(length < 126 ? 2 : length < 65_536 ? 4 : 10)
  header[0] = 0x80 | opcode
  if (length < 126) header[1] = length
  else if (length < 65_536) {
    header[1] = 126
    header.writeUInt16BE(length, 2)
  } else {
    header[1] = 127
    header.writeBigUInt64BE(BigInt(length), 2)
  }
  return Buffer.concat([header, payload])
}

export function closeFrame(code) {
  const payload = Buffer.alloc(2)
  payload.writeUInt16BE(code)
  return frame(0x8, payload)
}

/** Reads a client's frames from chunks of any size; joins fragments. After a close nothing more is read. */
export class FrameReader {
  #bytes = Buffer.alloc(0)
  #fragments = []
  #fragmentBytes = 0
  #messageOpcode = 0
  #isClosed = false
  #on

  constructor(on) {
    this.#on = on
  }

  push(chunk) {
    this.#bytes = this.#bytes.length === 0 ? chunk : Buffer.concat([this.#bytes, chunk])
    while (!this.#isClosed && this.#readFrame());
  }

  #readFrame() {
    const bytes = this.#bytes
    if (bytes.length < 2) return false
    const isLast = (bytes[0] & 0x80) !== 0
    const opcode = bytes[0] & 0x0f
    const short = bytes[1] & 0x7f
    const headerBytes = 2 + (short === 126 ? 2 : short === 127 ? 8 : 0)
    const isBroken =
      (bytes[0] & 0x70) !== 0 || (bytes[1] & 0x80) === 0 || (opcode >= 8 && (!isLast || short > 125))
    if (isBroken) return this.#close(1002)
    if (bytes.length < headerBytes + 4) return false
    const length =
      short === 126 ? bytes.readUInt16BE(2) : short === 127 ? Number(bytes.readBigUInt64BE(2)) : short
    if (length + this.#fragmentBytes > maxMessageBytes) return this.#close(1009)
    if (bytes.length < headerBytes + 4 + length) return false
    const mask = bytes.subarray(headerBytes, headerBytes + 4)
    const payload = Buffer.from(bytes.subarray(headerBytes + 4, headerBytes + 4 + length))
    for (let i = 0; i < length; i += 1) payload[i] ^= mask[i & 3]
    this.#bytes = bytes.subarray(headerBytes + 4 + length)
    return this.#handle(opcode, isLast, payload)
  }

  #handle(opcode, isLast, payload) {
    if (opcode === 0x8) return this.#close(payload.length >= 2 ? payload.readUInt16BE(0) : 1000)
    if (opcode === 0x9) this.#on.onPing(payload)
    if (opcode >= 0x9) return opcode <= 0xa || this.#close(1002)
    const isContinuation = opcode === 0
    if (opcode > 2 || isContinuation !== (this.#messageOpcode !== 0)) return this.#close(1002)
    if (!isContinuation) this.#messageOpcode = opcode
    this.#fragments.push(payload)
    this.#fragmentBytes += payload.length
    if (!isLast) return true
    this.#on.onMessage(this.#messageOpcode, Buffer.concat(this.#fragments))
    this.#fragments = []
    this.#fragmentBytes = 0
    this.#messageOpcode = 0
    return true
  }

  #close(code) {
    this.#isClosed = true
    this.#on.onClose(code)
    return false
  }
}
