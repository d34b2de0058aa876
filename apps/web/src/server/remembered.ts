/** The same question asked once at a time, and its answer given again for a while; what failed is not remembered. */
export function remembered<T>(freshMs: number, ask: () => Promise<T>): () => Promise<T> {
  let asked: Promise<T> | undefined
  let answeredAtMs = -Infinity
  return () => {
    if (asked !== undefined && performance.now() - answeredAtMs < freshMs) return asked
    // Until it is answered, whoever asks waits for it.
    answeredAtMs = Infinity
    const asking = ask()
    asked = asking
    asking.then(
      () => (answeredAtMs = performance.now()),
      () => (answeredAtMs = -Infinity),
    )
    return asking
  }
}
