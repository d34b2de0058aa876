'use client'

import { useLayoutEffect, useRef } from 'react'
import { piecesOf } from '@/format/log-text.ts'

const linesPerBlock = 200

/** Log lines in blocks that the browser lays out only when they are near; stays at the end while following. */
export function LogLines({
  lines,
  needle,
  isFollowing,
}: {
  readonly lines: readonly string[]
  readonly needle: string
  readonly isFollowing: boolean
}) {
  const frame = useRef<HTMLDivElement>(null)
  const isAtEnd = useRef(true)
  useLayoutEffect(() => {
    const box = frame.current
    if (box !== null && isFollowing && isAtEnd.current) box.scrollTop = box.scrollHeight
  }, [lines, isFollowing])
  const blocks = Array.from({ length: Math.ceil(lines.length / linesPerBlock) }, (_, index) =>
    lines.slice(index * linesPerBlock, (index + 1) * linesPerBlock),
  )
  return (
    <div
      ref={frame}
      role="log"
      aria-label="Log"
      tabIndex={0}
      onScroll={({ currentTarget: box }) => {
        isAtEnd.current = box.scrollHeight - box.scrollTop - box.clientHeight < 40
      }}
      className="h-[max(20rem,calc(100dvh-22rem))] overflow-auto bg-sunken py-2 font-mono leading-[1.45rem] focus-visible:-outline-offset-2"
    >
      {lines.length === 0 ? (
        <p className="px-4 font-sans text-soft">
          {needle === '' ? 'Nothing written yet.' : 'No line has this text.'}
        </p>
      ) : null}
      {blocks.map((block, index) => (
        <div
          key={index}
          className="[content-visibility:auto]"
          style={{ containIntrinsicSize: `auto ${block.length * 1.45}rem` }}
        >
          {block.map((line, at) => (
            <div key={at} className="min-h-[1.45rem] px-4 break-all whitespace-pre-wrap">
              {piecesOf(line, needle).map((piece, part) =>
                piece.isMatch ? (
                  <mark key={part} className="rounded-xs bg-warn-wash text-warn">
                    {piece.text}
                  </mark>
                ) : (
                  piece.text
                ),
              )}
            </div>
          ))}
        </div>
      ))}
    </div>
  )
}
