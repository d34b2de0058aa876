'use client'

import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { Activity, Keyboard, ScrollText, Server, type LucideIcon } from 'lucide-react'
import { useRouter } from 'next/navigation'
import type { ServiceSummary } from '@skykeep/core/views'
import { places } from '#src/components/shell/navigation.tsx'
import { useMay } from '#src/session/use-may.ts'
import { operationVisuals, serviceVisuals } from '#src/status/visuals.ts'
import { useTRPC } from '#src/trpc/client.ts'
import { operationTitle } from '../operations/operation-title.ts'
import {
  actionLabel,
  isLooking,
  isPossible,
  matches,
  offeredActions,
  readPaletteQuery,
  type PaletteQuery,
} from './palette-query.ts'
import { useServiceActions } from './use-service-actions.ts'

export interface PaletteItem {
  readonly id: string
  readonly group: 'Actions' | 'Pages' | 'Services' | 'Recent operations'
  readonly label: string
  /** Beside the label: a status, or what it is. */
  readonly note: string
  readonly icon: LucideIcon
  readonly run: () => void
}

const servicesShown = 8
const operationsShown = 5

/** What the palette offers for a text: services and operations are filtered by the server. */
export function usePaletteItems(
  text: string,
  onHelp: () => void,
): { readonly items: readonly PaletteItem[]; readonly isSearching: boolean } {
  const trpc = useTRPC()
  const router = useRouter()
  const query = readPaletteQuery(text)
  const search = query.search === '' ? {} : { search: query.search.slice(0, 128) }
  const options = { placeholderData: keepPreviousData }
  const services = useQuery(trpc.services.list.queryOptions({ ...search, limit: servicesShown }, options))
  const operations = useQuery(
    trpc.operations.list.queryOptions({ ...search, limit: operationsShown }, options),
  )
  const found = services.data?.items ?? []
  const actions = useActionItems(query, found)
  const named = found.map(({ uid, name, status }): PaletteItem => {
    const run = (): void => router.push(`/services/${encodeURIComponent(name)}`)
    const note = serviceVisuals[status].label
    return { id: `service:${uid}`, group: 'Services', label: name, note, icon: Server, run }
  })
  const recent = (operations.data?.items ?? []).map((operation): PaletteItem => {
    const run = (): void => router.push(`/operations/${encodeURIComponent(operation.uid)}`)
    const note = operationVisuals[operation.status].label
    const label = operationTitle(operation)
    return {
      id: `operation:${operation.uid}`,
      group: 'Recent operations',
      label,
      note,
      icon: Activity,
      run,
    }
  })
  const pages = usePageItems(onHelp).filter(({ label }) => matches(label, text))
  return {
    // Enter takes the first: a bare name opens the service, and only a verb changes it.
    items:
      query.actions.length > 0
        ? [...actions, ...pages, ...recent]
        : [...pages, ...named, ...actions, ...recent],
    isSearching: services.isFetching || operations.isFetching,
  }
}

function usePageItems(onHelp: () => void): readonly PaletteItem[] {
  const router = useRouter()
  const pages = places.map(({ href, label, icon }): PaletteItem => {
    const run = (): void => router.push(href)
    return { id: `page:${href}`, group: 'Pages', label, note: 'Page', icon, run }
  })
  return [
    ...pages,
    { id: 'help', group: 'Pages', label: 'Keyboard shortcuts', note: '?', icon: Keyboard, run: onHelp },
  ]
}

function useActionItems(query: PaletteQuery, found: readonly ServiceSummary[]): readonly PaletteItem[] {
  const mayWrite = useMay('service:write')
  const runAction = useServiceActions()
  return found.flatMap((service) =>
    offeredActions(query, found.length)
      .filter((action) => isPossible(action, service) && (mayWrite || isLooking(action)))
      .map((action): PaletteItem => ({
        id: `action:${action}:${service.uid}`,
        group: 'Actions',
        label: actionLabel(action, service.name),
        note: serviceVisuals[service.status].label,
        icon: isLooking(action) ? ScrollText : Activity,
        run: () => runAction(action, service),
      })),
  )
}
