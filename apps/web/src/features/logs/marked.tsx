import { piecesOf } from '#src/format/log-text.ts'

/** A line with each occurrence of a text marked. */
export function Marked({ line, needle }: { readonly line: string; readonly needle: string }) {
  return piecesOf(line, needle).map((piece) =>
    piece.isMatch ? (
      <mark key={piece.at} className="rounded-xs bg-warn-wash text-warn">
        {piece.text}
      </mark>
    ) : (
      piece.text
    ),
  )
}
