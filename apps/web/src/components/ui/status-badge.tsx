import { toneClasses, type Visual } from '#src/status/tones.ts'
import { cn } from './class-names.ts'

/** A status as icon, word and colour; hovering tells what it means. */
export function StatusBadge({ visual, className }: { readonly visual: Visual; readonly className?: string }) {
  const Icon = visual.icon
  return (
    <span
      title={visual.meaning}
      className={cn(
        'inline-flex h-5.5 items-center gap-1 rounded-full px-2 text-[0.8rem] font-medium whitespace-nowrap',
        toneClasses[visual.tone].badge,
        className,
      )}
    >
      <Icon
        aria-hidden
        className={cn(
          'size-3.5',
          visual.isTurning === true && 'motion-safe:animate-[spin_2.4s_linear_infinite]',
        )}
      />
      {visual.label}
    </span>
  )
}
