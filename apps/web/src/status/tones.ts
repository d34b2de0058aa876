import type { LucideIcon } from 'lucide-react'

/** How good or bad something is. Always shown with an icon and a word, never by colour alone. */
export type Tone = 'ok' | 'busy' | 'warn' | 'bad' | 'idle'

export interface Visual {
  readonly label: string
  readonly tone: Tone
  readonly icon: LucideIcon
  /** True for an icon that says by turning that something goes on. */
  readonly isTurning?: true
  /** What it means, as one sentence. */
  readonly meaning: string
}

export const toneClasses: Readonly<Record<Tone, { readonly badge: string; readonly text: string }>> = {
  ok: { badge: 'bg-ok-wash text-ok', text: 'text-ok' },
  busy: { badge: 'bg-busy-wash text-busy', text: 'text-busy' },
  warn: { badge: 'bg-warn-wash text-warn', text: 'text-warn' },
  bad: { badge: 'bg-bad-wash text-bad', text: 'text-bad' },
  idle: { badge: 'bg-idle-wash text-idle', text: 'text-idle' },
}
