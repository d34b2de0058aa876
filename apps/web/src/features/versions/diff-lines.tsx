import { cn } from '#src/components/ui/class-names.ts'
import { diffLines, type LineKind } from './diff-line-kinds.ts'

const lineClasses: Readonly<Record<LineKind, string>> = {
  added: 'bg-ok-wash text-ok',
  removed: 'bg-bad-wash text-bad',
  place: 'text-soft',
  same: '',
}

/** For a reader who sees no colours. */
const lineWords: Readonly<Record<LineKind, string>> = {
  added: 'Added: ',
  removed: 'Removed: ',
  place: '',
  same: '',
}

/** A unified diff, its lines marked by sign, colour and word. */
export function DiffLines({ text }: { readonly text: string }) {
  const lines = diffLines(text)
  if (lines.length === 0) return <p className="p-4 text-soft">The YAML is the same.</p>
  return (
    <pre
      aria-label="Changes of the YAML"
      className="bg-sunken py-3 font-mono leading-6 wrap-anywhere whitespace-pre-wrap"
    >
      {lines.map(({ at, kind, text: line }) => (
        <span key={at} className={cn('block px-4', lineClasses[kind])}>
          <span className="sr-only">{lineWords[kind]}</span>
          {line === '' ? ' ' : line}
        </span>
      ))}
    </pre>
  )
}
