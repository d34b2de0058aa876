'use client'

import { useLayoutEffect, useRef } from 'react'

const linesPerBlock = 200

interface Block {
  /** Of its first line. */
  readonly number: number
  readonly lines: readonly { readonly number: number; readonly text: string }[]
}

function blocksOf(lines: readonly string[]): readonly Block[] {
  const numbered = lines.map((text, number) => ({ text, number }))
  const starts = numbered.filter(({ number }) => number % linesPerBlock === 0)
  return starts.map(({ number }) => ({ number, lines: numbered.slice(number, number + linesPerBlock) }))
}

/** Log lines in blocks that the browser lays out only when they are near; stays at the end while following. */
export function LogLines({
  lines,
  isFollowing,
}: {
  readonly lines: readonly string[]
  readonly isFollowing: boolean
}) {
  const frame = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    const box = frame.current
    if (box !== null && lines.length > 0 && isFollowing && isAtEnd.current) box.scrollTop = box.scrollHeight
  }, [lines, isFollowing])
  const blocks = blocksOf(lines)
  return (
    <div
      ref={frame}
      role="log"
      aria-label="Log"
      onScroll={({ currentTarget: box }) => {
        isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40
      }}
      className="h-[max(20rem,calc(100dvh-22rem))] overflow-auto bg-sunken py-2 font-mono leading-[1.45rem] focus-visible:-outline-offset-2"
    >
      {/* With the focus in here the keys scroll, for whoever has no mouse. */}
      <button
        type="button"
        className="sr-only px-4 font-sans focus:not-sr-only"
        onClick={() => frame.current?.scrollTo({ top: frame.current.scrollHeight })}
      >
        To the end of the log
      </button>
      {lines.length === 0 ? <p className="px-4 font-sans text-soft">Nothing written yet.</p> : null}
      {blocks.map((block) => (
        <div
          key={block.number}
          className="[content-visibility:auto]"
          style={{ containIntrinsicSize: `auto ${block.lines.length * 1.45}rem` }}
        >
          {block.lines.map((line) => (
            <div key={line.number} className="min-h-[1.45rem] px-4 break-all whitespace-pre-wrap">
              {line.text}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}
