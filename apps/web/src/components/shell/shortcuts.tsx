'use client'

import { useRouter } from 'next/navigation'
import { useEffect, useEffectEvent, useState } from 'react'
import { CommandPalette } from '#src/features/palette/command-palette.tsx'
import { places } from './navigation.tsx'
import { ShortcutsHelp } from './shortcuts-help.tsx'

const chordMs = 1200

type Opened = 'palette' | 'help' | null

/** Opens the command palette from anywhere, a button for instance. */
export function openPalette(): void {
  document.dispatchEvent(new CustomEvent('skykeep-palette'))
}

/**
 * Ctrl-K (Cmd-K) opens the command palette, also while somebody types. Silent then: `/` focuses the search box, `g` and a letter go to a
 * place, `?` shows the help.
 */
export function Shortcuts() {
  const router = useRouter()
  const [opened, setOpened] = useState<Opened>(null)
  const onPlain = useEffectEvent((event: KeyboardEvent, isChord: boolean) => {
    if (event.key === '/') focusSearch(event)
    else if (event.key === '?') setOpened('help')
    else if (isChord) {
      const place = places.find(({ key }) => key === event.key)
      if (place !== undefined) router.push(place.href)
    }
  })
  useEffect(() => {
    let pressedAtMs = -Infinity
    const onKey = (event: KeyboardEvent): void => {
      if ((event.ctrlKey || event.metaKey) && !event.altKey && event.key.toLowerCase() === 'k') {
        event.preventDefault()
        setOpened((now) => (now === 'palette' ? null : 'palette'))
        return
      }
      if (event.ctrlKey || event.metaKey || event.altKey || isTyping(event.target)) return
      const isChord = event.timeStamp - pressedAtMs < chordMs
      pressedAtMs = event.key === 'g' ? event.timeStamp : -Infinity
      onPlain(event, isChord)
    }
    const onAsked = (): void => setOpened('palette')
    document.addEventListener('keydown', onKey)
    document.addEventListener('skykeep-palette', onAsked)
    return () => {
      document.removeEventListener('keydown', onKey)
      document.removeEventListener('skykeep-palette', onAsked)
    }
  }, [])
  const close = (): void => setOpened(null)
  return (
    <>
      <CommandPalette isOpen={opened === 'palette'} onClose={close} onHelp={() => setOpened('help')} />
      <ShortcutsHelp isOpen={opened === 'help'} onClose={close} />
    </>
  )
}

function focusSearch(event: KeyboardEvent): void {
  const field = document.querySelector<HTMLInputElement>('[data-shortcut="search"]')
  if (field === null) return
  event.preventDefault()
  field.focus()
  field.select()
}

function isTyping(target: EventTarget | null): boolean {
  return (
    target instanceof HTMLElement &&
    target.closest(
      'input, textarea, select, [contenteditable="true"], [role="dialog"], [role="alertdialog"]',
    ) !== null
  )
}
