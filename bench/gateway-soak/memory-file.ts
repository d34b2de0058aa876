/** What memory it has, bytes. */
export interface WrittenMemory {
  /** Of its heap, without compiled code. */
  readonly objects: number
  readonly external: number
}

/** Where a gateway process of the soak writes down what memory it has. */
export function memoryFileOf(pid: number): string {
  return `memory-${pid}.json`
}
