import { remembered } from './remembered.ts'

interface Patience {
  /** How long an answer is given again. */
  readonly freshMs: number
  /** How long one is waited for, before the answer before it is given. */
  readonly waitMs: number
}

/** What was answered last: asked again once it is old, but never waited for longer than `waitMs`. @param first until there is an answer. */
export function lately<T>(first: T, ask: () => Promise<T>, { freshMs, waitMs }: Patience): () => Promise<T> {
  let last = first
  const asked = remembered(freshMs, async () => (last = await ask()))
  return async () => {
    const waited = Promise.withResolvers<T>()
    const timer = setTimeout(() => waited.resolve(last), waitMs)
    try {
      return await Promise.race([asked(), waited.promise])
    } finally {
      clearTimeout(timer)
    }
  }
}
