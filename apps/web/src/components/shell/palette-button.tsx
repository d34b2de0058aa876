'use client'

import { Search } from 'lucide-react'
import { Button } from '../ui/button.tsx'
import { openPalette } from './shortcuts.tsx'

/** The command palette for those who use no keyboard, or do not know of it. */
export function PaletteButton() {
  return (
    <Button
      look="quiet"
      aria-keyshortcuts="Control+K Meta+K"
      onClick={openPalette}
      className="sm:border sm:border-line"
    >
      <Search aria-hidden />
      <span className="max-sm:sr-only">
        Go to…<span className="sr-only"> (command palette)</span>
      </span>
      <kbd aria-hidden className="font-mono text-[0.8rem] max-sm:hidden">
        Ctrl K
      </kbd>
    </Button>
  )
}
