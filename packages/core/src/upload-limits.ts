/** Bounds of one working folder: the server holds to them, and a client refuses what is over them before it sends it. */
export interface UploadLimits {
  /** Bytes of the packed upload. */
  readonly packedBytesMax: number
  /** Bytes of all files together once unpacked. */
  readonly unpackedBytesMax: number
  /** Files, folders and links together. */
  readonly entriesMax: number
  /** Bytes of all waiting uploads together, this one included. */
  readonly waitingBytesMax: number
  /** An upload that nobody used is removed after this time, milliseconds. */
  readonly unusedMs: number
}

export const uploadLimits: UploadLimits = {
  packedBytesMax: 1024 ** 3,
  unpackedBytesMax: 4 * 1024 ** 3,
  entriesMax: 50_000,
  waitingBytesMax: 4 * 1024 ** 3,
  unusedMs: 24 * 3_600_000,
}
