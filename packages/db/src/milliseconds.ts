/** Milliseconds since the Unix epoch as stored (64-bit) and as used: exact in a double for 285,000 years. */
export function toMs(stored: bigint): number {
  return Number(stored)
}

export function toMsOrNull(stored: bigint | null): number | null {
  return stored === null ? null : Number(stored)
}

export function fromMs(ms: number): bigint {
  return BigInt(Math.trunc(ms))
}

export function fromMsOrNull(ms: number | null): bigint | null {
  return ms === null ? null : fromMs(ms)
}
