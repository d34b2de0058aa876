/** Of an empty text; also where a hash that is fed byte by byte begins. */
export const hashStart = 0x81_1c_9d_c5

/** FNV-1a's step (draft-eastlake-fnv): `hash` after one more byte. */
export function hashByte(hash: number, byte: number): number {
  return Math.imul(hash ^ byte, 0x01_00_01_93)
}

/** MurmurHash3's fmix32: each bit of the result depends on every bit of `value`. From 0 to 2^32 - 1. */
export function mixed(value: number): number {
  let hash = value ^ (value >>> 16)
  hash = Math.imul(hash, 0x85_eb_ca_6b)
  hash ^= hash >>> 13
  hash = Math.imul(hash, 0xc2_b2_ae_35)
  return (hash ^ (hash >>> 16)) >>> 0
}

/** The same for the same latin1 text in every process; a whole number from 0 to 2^32 - 1. Not for secrets. */
export function hashOf(text: string): number {
  let hash = hashStart
  for (let i = 0; i < text.length; i += 1) hash = hashByte(hash, text.charCodeAt(i))
  return mixed(hash)
}

/** A hash as a request's key: from 0 to 2^31 - 1, which V8 keeps without allocation. */
export function keyOf(hash: number): number {
  return mixed(hash) >>> 1
}
