'use client'

import { Activity, HardDrive, History, LayoutGrid, Rocket, Server } from 'lucide-react'
import Link from 'next/link'
import { usePathname } from 'next/navigation'
import { cn } from '../ui/class-names.ts'

export const places = [
  { href: '/', label: 'Overview', icon: LayoutGrid, key: 'o' },
  { href: '/services', label: 'Services', icon: Server, key: 's' },
  { href: '/launch', label: 'Launch', icon: Rocket, key: 'l' },
  { href: '/operations', label: 'Operations', icon: Activity, key: 'p' },
  { href: '/timeline', label: 'Timeline', icon: History, key: 't' },
  { href: '/system', label: 'System', icon: HardDrive, key: 'y' },
] as const

/** The places of the dashboard; the current one is marked. */
export function Navigation({ onNavigate }: { readonly onNavigate?: () => void }) {
  const pathname = usePathname()
  return (
    <nav aria-label="Main" className="flex flex-col gap-0.5">
      {places.map((place) => {
        const isCurrent = place.href === '/' ? pathname === '/' : pathname.startsWith(place.href)
        return (
          <Link
            key={place.href}
            href={place.href}
            prefetch={false}
            aria-current={isCurrent ? 'page' : undefined}
            {...(onNavigate === undefined ? {} : { onClick: onNavigate })}
            className={cn(
              'group flex h-9 items-center gap-2.5 rounded-md px-2.5 font-medium text-soft hover:bg-idle-wash hover:text-ink',
              isCurrent && 'bg-accent-wash text-accent hover:bg-accent-wash hover:text-accent',
            )}
          >
            <place.icon aria-hidden className="size-4" />
            {place.label}
            <kbd
              aria-hidden
              className="ml-auto font-mono text-[0.8rem] text-soft opacity-0 group-hover:opacity-100 max-md:hidden"
            >
              g {place.key}
            </kbd>
          </Link>
        )
      })}
    </nav>
  )
}
