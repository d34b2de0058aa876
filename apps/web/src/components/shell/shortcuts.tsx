'use client'

import { useRouter } from 'next/navigation'
import { useEffect } from 'react'
import { places } from './navigation.tsx'

const chordMs = 1200

/** `/` focuses the search box; `g` and a letter go to a place. Silent while somebody types. */
export function Shortcuts() {
  const router = useRouter()
  useEffect(() => {
    let pressedAtMs = -Infinity
    const onKey = (event: KeyboardEvent): void => {
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      if (event.key === '/') {
        const field = document.querySelector<HTMLInputElement>('[data-shortcut="search"]')
        if (field === null) return
        event.preventDefault()
        field.focus()
        field.select()
      } else if (event.key === 'g') {
        pressedAtMs = event.timeStamp
      } else if (event.timeStamp - pressedAtMs < chordMs) {
        pressedAtMs = -Infinity
        const place = places.find(({ key }) => key === event.key)
        if (place !== undefined) router.push(place.href)
      }
    }
    document.addEventListener('keydown', onKey)
    return () => document.removeEventListener('keydown', onKey)
  }, [router])
  return null
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest('input, textarea, select, [role="dialog"], [role="alertdialog"]') !== null
  )
}
