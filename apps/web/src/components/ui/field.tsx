import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

/** A labelled input; the label stands above it. */
export function Field({ label, className, ...rest }: ComponentProps<'input'> & { readonly label: string }) {
  return (
    <label className="block min-w-0">
      <span className="mb-1 block text-[0.88rem] text-soft">{label}</span>
      <input
        className={cn(
          'h-8 w-full rounded-md border border-line-strong bg-surface px-2 text-ink invalid:border-bad',
          className,
        )}
        {...rest}
      />
    </label>
  )
}

/** A box to tick, with what ticking it means. */
export function CheckField({
  label,
  isChecked,
  onChange,
}: {
  readonly label: string
  readonly isChecked: boolean
  readonly onChange: (isChecked: boolean) => void
}) {
  return (
    <label className="flex items-start gap-2 text-ink">
      <input
        type="checkbox"
        checked={isChecked}
        onChange={(event) => onChange(event.currentTarget.checked)}
        className="mt-1 size-4 shrink-0 accent-accent-solid"
      />
      <span>{label}</span>
    </label>
  )
}
