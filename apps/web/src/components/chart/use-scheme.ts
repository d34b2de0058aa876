'use client'

import { useSyncExternalStore } from 'react'

/** Changes whenever colours do: what is painted on a canvas has to be painted again. */
export function useScheme(): string {
  return useSyncExternalStore(subscribe, schemeNow, () => '')
}

const query = '(prefers-color-scheme: dark)'

function schemeNow(): string {
  return `${document.documentElement.dataset['theme'] ?? ''} ${window.matchMedia(query).matches}`
}

function subscribe(listener: () => void): () => void {
  const media = window.matchMedia(query)
  const observer = new MutationObserver(listener)
  media.addEventListener('change', listener)
  observer.observe(document.documentElement, { attributeFilter: ['data-theme'] })
  return () => {
    media.removeEventListener('change', listener)
    observer.disconnect()
  }
}
