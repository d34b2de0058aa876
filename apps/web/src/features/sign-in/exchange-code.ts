import { readProblem } from '#src/trpc/problem.ts'

/** Trades a sign-in code for a session cookie. Null when signed in, else the problem as a person reads it. */
export async function exchangeCode(code: string): Promise<string | null> {
  try {
    const response = await fetch('/api/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    if (response.ok) return null
    const answer: unknown = await response.json()
    return readProblem(answer)?.what ?? 'Skykeep refused this link.'
  } catch {
    return 'The control plane does not answer. Try again in a moment.'
  }
}
