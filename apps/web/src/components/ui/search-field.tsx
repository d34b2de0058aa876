'use client'

import { Search } from 'lucide-react'
import { useRef } from 'react'

const quietMs = 200

/** A search box; tells the caller once typing has paused. `/` focuses it (see the shell's shortcuts). */
export function SearchField({
  label,
  initial,
  onSearch,
}: {
  readonly label: string
  readonly initial: string
  readonly onSearch: (text: string) => void
}) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  return (
    <label className="relative block w-64 max-sm:w-full">
      <span className="sr-only">{label}</span>
      <Search aria-hidden className="pointer-events-none absolute top-2 left-2.5 size-4 text-soft" />
      <input
        type="search"
        data-shortcut="search"
        placeholder={label}
        defaultValue={initial}
        onChange={(event) => {
          const text = event.currentTarget.value
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onSearch(text.trim()), quietMs)
        }}
        className="h-8 w-full rounded-md border border-line-strong bg-surface pr-8 pl-8 placeholder:text-soft"
      />
      <kbd
        aria-hidden
        className="pointer-events-none absolute top-1.5 right-2 rounded border border-line px-1 font-mono text-[0.8rem] text-soft max-sm:hidden"
      >
        /
      </kbd>
    </label>
  )
}
