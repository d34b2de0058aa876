import type { ServiceSummary } from '@skykeep/core/views'

/** What can be done with a service from the palette. */
export const serviceActions = ['pause', 'resume', 'roll back', 'update', 'logs', 'events', 'scaling'] as const
export type ServiceAction = (typeof serviceActions)[number]

export interface PaletteQuery {
  /** The actions that the words name; empty: none, so the services themselves are meant. */
  readonly actions: readonly ServiceAction[]
  /** What is left: a part of a name. */
  readonly search: string
}

/** Reads `pause hello`, `hello logs`, `roll back` or `hel` as a person types them. Pure. */
export function readPaletteQuery(text: string): PaletteQuery {
  const words = text
    .trim()
    .toLowerCase()
    .split(/\s+/)
    .join(' ')
    .replace(/\brollback\b/, 'roll back')
  const named = serviceActions.find(
    (action) => words === action || words.startsWith(`${action} `) || words.endsWith(` ${action}`),
  )
  if (named === undefined) return { actions: [], search: words }
  const rest = words.startsWith(named) ? words.slice(named.length) : words.slice(0, -named.length)
  return { actions: [named], search: rest.trim() }
}

/** What a person named; without a verb everything, once few enough services are left. Pure. */
export function offeredActions(
  { actions, search }: PaletteQuery,
  services: number,
): readonly ServiceAction[] {
  if (actions.length > 0) return actions
  return search !== '' && services <= 2 ? serviceActions : []
}

/** True for what changes nothing. */
export function isLooking(action: ServiceAction): boolean {
  return action === 'logs' || action === 'events' || action === 'scaling'
}

/** False where it would be refused, or do nothing, for certain. Pure. */
export function isPossible(
  action: ServiceAction,
  { status, version }: Pick<ServiceSummary, 'status' | 'version'>,
): boolean {
  if (isLooking(action)) return true
  if (status === 'SHUTTING_DOWN' || status === 'TERMINATED') return false
  if (action === 'pause') return status !== 'PAUSED'
  if (action === 'resume') return status === 'PAUSED'
  return action === 'update' || version > 1
}

const words: Readonly<Record<ServiceAction, (name: string) => string>> = {
  pause: (name) => `Pause ${name}`,
  resume: (name) => `Resume ${name}`,
  'roll back': (name) => `Roll ${name} back`,
  update: (name) => `Update ${name}`,
  logs: (name) => `Open logs of ${name}`,
  events: (name) => `Open events of ${name}`,
  scaling: (name) => `Open scaling of ${name}`,
}

/** `Pause hello`. */
export function actionLabel(action: ServiceAction, name: string): string {
  return words[action](name)
}

/** True when every word of the text stands in the label. Pure. */
export function matches(label: string, text: string): boolean {
  const wanted = text.trim().toLowerCase().split(/\s+/)
  return wanted.every((word) => label.toLowerCase().includes(word))
}
