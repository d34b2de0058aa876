import { exampleOf, helpLines } from './editor/key-help-element.ts'
import type { KeyPlace } from './editor/yaml-place.ts'

/** What the key of the cursor's line is for: there for everybody, with a mouse or without. */
export function KeyHelpLine({ place }: { readonly place: KeyPlace | null }) {
  const lines = place === null ? [] : helpLines(place.table, place.key)
  const example = place === null ? '' : exampleOf(place.table, place.key)
  return (
    <section aria-label="About this key" className="min-h-22 border-t border-line bg-sunken px-4 py-2">
      {place === null || lines.length === 0 ? (
        <p className="text-soft">Put the cursor on a key to read what it is for.</p>
      ) : (
        <>
          <p className="break-words">
            <code className="font-mono font-semibold">
              {place.table === '' ? place.key : `${place.table}.${place.key}`}
            </code>{' '}
            {lines[0]}
          </p>
          <p className="break-words text-soft">
            {lines.slice(1).join(' ')}{' '}
            {example === '' || example.includes('\n') ? null : (
              <>
                Example: <code className="font-mono text-ink">{example}</code>
              </>
            )}
          </p>
        </>
      )}
    </section>
  )
}
