'use client'

import { useEffect } from 'react'
import { leaveForSignIn } from './sign-in-reason.ts'
import { onProofGone, readProof } from './stored-proof.ts'

/** Leaves for the sign-in page when this browser has no origin proof, at once and as soon as another tab signs out. */
export function SessionGuard() {
  useEffect(() => {
    if (readProof() === null) leaveForSignIn()
    return onProofGone(leaveForSignIn)
  }, [])
  return null
}
