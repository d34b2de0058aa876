import { canKeepProof, keepProof } from '#src/session/stored-proof.ts'
import { readProblem } from '#src/trpc/problem.ts'

/** Trades a sign-in code for a session: its cookie and its origin proof. Null when signed in, else the problem as a person reads it. */
export async function exchangeCode(code: string): Promise<string | null> {
  if (!canKeepProof()) {
    return 'This browser blocks site data for this page, which signing in needs. Allow it, then press the button again.'
  }
  try {
    const response = await fetch('/api/sign-in', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ code }),
    })
    const answer: unknown = await response.json()
    const proof: unknown = Reflect.get(Object(answer), 'originProof')
    if (!response.ok || typeof proof !== 'string') {
      return readProblem(answer)?.what ?? 'Skykeep refused this link.'
    }
    keepProof(proof)
    return null
  } catch {
    return 'The control plane does not answer. Try again in a moment.'
  }
}
