'use client'

import { useRef } from 'react'

const quietMs = 250

/** A short text that a list is filtered by; tells the caller once typing has paused. */
export function TextFilter({
  label,
  initial,
  onChange,
}: {
  readonly label: string
  readonly initial: string
  readonly onChange: (text: string) => void
}) {
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined)
  return (
    <label className="block w-36 max-sm:w-auto max-sm:flex-1">
      <span className="sr-only">{label}</span>
      <input
        type="text"
        placeholder={label}
        defaultValue={initial}
        onChange={(event) => {
          const text = event.currentTarget.value
          clearTimeout(timer.current)
          timer.current = setTimeout(() => onChange(text.trim()), quietMs)
        }}
        className="h-8 w-full rounded-md border border-line-strong bg-surface px-2 placeholder:text-soft"
      />
    </label>
  )
}
