/** What work is ended with when a person interrupts it; its message says what became of it. */
export class Interrupted extends Error {
  override readonly name = 'Interrupted'
}
