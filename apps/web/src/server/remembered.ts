/**
 * The same question asked once at a time, and its answer given again for a while; what failed is not remembered.
 * @param mark says of what the answer is: with another one than at the last question it is asked anew.
 */
export function remembered<T>(
  freshMs: number,
  ask: () => Promise<T>,
  mark: () => unknown = () => undefined,
): () => Promise<T> {
  let asked: Promise<T> | undefined
  let answeredAtMs = -Infinity
  let marked: unknown
  return () => {
    const now = mark()
    if (asked !== undefined && now === marked && performance.now() - answeredAtMs < freshMs) return asked
    marked = now
    // Until it is answered, whoever asks waits for it.
    answeredAtMs = Infinity
    const asking = ask()
    asked = asking
    const note = (atMs: number): void => {
      if (asked === asking) answeredAtMs = atMs
    }
    asking.then(
      () => note(performance.now()),
      () => note(-Infinity),
    )
    return asking
  }
}
