import { forgetProof, readProof } from './stored-proof.ts'

/** Why somebody who was signed in is asked to sign in again, as a person reads it. */
export const signInReasons = {
  'no-proof':
    'This browser can no longer prove that it signed in: you signed out in another tab, its site data was cleared, or the address of the dashboard changed.',
  ended: 'Your session has ended.',
} as const
type SignInReason = keyof typeof signInReasons

/** The reason in the query of the sign-in page's address; null when it names none. */
export function readSignInReason(search: string): SignInReason | null {
  const named = new URLSearchParams(search).get('reason')
  return named === 'no-proof' || named === 'ended' ? named : null
}

// A person who signs out here knows why: what is refused meanwhile, because the session is gone, says nothing new.
let isSigningOut = false

/** Nothing that is refused from now on leads to the sign-in page; with false, it does again. */
export function noteSigningOut(isUnderWay: boolean): void {
  isSigningOut = isUnderWay
}

/** Signs every tab of this browser out of the page, once the session is gone, and leaves this one without a reason. */
export function leaveSignedOut(): void {
  forgetProof()
  location.assign('/sign-in')
}

/** Leaves for the sign-in page, which says why. */
export function leaveForSignIn(): void {
  if (isSigningOut) return
  const reason: SignInReason = readProof() === null ? 'no-proof' : 'ended'
  location.replace(`/sign-in?reason=${reason}`)
}
