const key = 'skykeep-origin-proof'

/** The origin proof of this browser's session, which this origin alone can read; null without one, or where nothing may be stored. */
export function readProof(): string | null {
  try {
    return localStorage.getItem(key)
  } catch {
    return null
  }
}

/** Keeps the proof for every tab of this origin. Throws the browser's error where nothing may be stored. */
export function keepProof(proof: string): void {
  localStorage.setItem(key, proof)
}

/** Takes the proof away: every tab of this origin is signed out. */
export function forgetProof(): void {
  localStorage.removeItem(key)
}

/** True when this browser lets the page keep a proof; asked before a code is spent. */
export function canKeepProof(): boolean {
  const probe = `${key}-probe`
  try {
    localStorage.setItem(probe, '')
    localStorage.removeItem(probe)
    return true
  } catch {
    return false
  }
}

/** Calls when another tab takes the proof away, or when the page is shown again without one. Returns how to stop. */
export function onProofGone(listener: () => void): () => void {
  const look = (): void => {
    if (readProof() === null) listener()
  }
  window.addEventListener('storage', look)
  window.addEventListener('pageshow', look)
  return () => {
    window.removeEventListener('storage', look)
    window.removeEventListener('pageshow', look)
  }
}
