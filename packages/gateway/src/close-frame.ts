/** RFC 6455 §5.5: a control frame carries at most 125 bytes. */
const maxPayload = 125
/** The last frame of a message (§5.2), opcode 8. */
const closeStart = 0x88
const maskBytes = 4

/** True when the bytes end in a WebSocket close frame as a server sends it: unmasked (RFC 6455 §5.1). */
export function endsInServerClose(bytes: Buffer, from: number, to: number): boolean {
  return endsInClose(bytes, from, to, 0)
}

/** The same of a client, which masks what it sends. */
export function endsInClientClose(bytes: Buffer, from: number, to: number): boolean {
  return endsInClose(bytes, from, to, maskBytes)
}

function endsInClose(bytes: Buffer, from: number, to: number, mask: number): boolean {
  const maskBit = mask === 0 ? 0 : 0x80
  for (let length = 0; length <= maxPayload && to - length - mask - 2 >= from; length += 1) {
    const at = to - length - mask - 2
    if (bytes[at] === closeStart && bytes[at + 1] === (maskBit | length)) return true
  }
  return false
}
