import { ChevronLeft, ChevronRight } from 'lucide-react'
import { count } from '#src/format/quantity.ts'
import { Button } from './button.tsx'

/** Where one is in a list that the server pages, and the way on and back. */
export function Pager({
  pageNumber,
  pageSize,
  shown,
  total,
  onPrevious,
  onNext,
}: {
  readonly pageNumber: number
  readonly pageSize: number
  readonly shown: number
  readonly total: number
  /** Null: there is none. */
  readonly onPrevious: (() => void) | null
  readonly onNext: (() => void) | null
}) {
  const first = (pageNumber - 1) * pageSize + (shown === 0 ? 0 : 1)
  return (
    <nav
      aria-label="Pages"
      className="flex items-center justify-end gap-2 border-t border-line px-4 py-2 text-soft"
    >
      <p className="mr-auto">
        {count(first)}–{count((pageNumber - 1) * pageSize + shown)} of {count(total)}
      </p>
      <Button
        look="quiet"
        isIcon
        aria-label="Previous page"
        disabled={onPrevious === null}
        onClick={() => onPrevious?.()}
      >
        <ChevronLeft aria-hidden />
      </Button>
      <Button
        look="quiet"
        isIcon
        aria-label="Next page"
        disabled={onNext === null}
        onClick={() => onNext?.()}
      >
        <ChevronRight aria-hidden />
      </Button>
    </nav>
  )
}
