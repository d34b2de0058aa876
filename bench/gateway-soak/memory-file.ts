/** What memory it has, bytes. */
export interface WrittenMemory {
  /** Of its heap, without compiled code. */
  readonly objects: number
  readonly external: number
  /** What V8 holds for its heap, used or not, code included. */
  readonly heap: number
}

/** Where a gateway process of the soak writes down what memory it has. */
export function memoryFileOf(pid: number): string {
  return `memory-${pid}.json`
}
