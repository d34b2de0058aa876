import type { ComponentProps } from 'react'
import { cn } from './class-names.ts'

const looks = {
  solid: 'bg-accent-solid text-white hover:brightness-110',
  outline: 'border border-line-strong bg-surface text-ink hover:bg-sunken',
  quiet: 'text-soft hover:bg-idle-wash hover:text-ink',
  danger: 'bg-bad-solid text-white hover:brightness-110',
  'danger-outline': 'border border-line-strong bg-surface text-bad hover:bg-bad-wash',
} as const

type Look = keyof typeof looks

/** Classes of a button, also for links that look like one. */
export function buttonClasses(look: Look = 'outline', isIcon = false): string {
  return cn(
    'inline-flex h-8 shrink-0 items-center justify-center gap-1.5 rounded-md px-3 font-medium whitespace-nowrap transition-[background-color,filter] disabled:cursor-not-allowed disabled:opacity-50 [&_svg]:size-4',
    looks[look],
    isIcon && 'w-8 px-0',
  )
}

export function Button({
  look = 'outline',
  isIcon = false,
  className,
  type = 'button',
  ...rest
}: ComponentProps<'button'> & { readonly look?: Look; readonly isIcon?: boolean }) {
  return <button type={type} className={cn(buttonClasses(look, isIcon), className)} {...rest} />
}
