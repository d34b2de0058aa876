'use client'

import { Command } from 'cmdk'
import { Search } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useState } from 'react'
import { plural } from '#src/format/quantity.ts'
import { usePaletteItems } from './use-palette-items.ts'

/** One box for every page, service, action and recent operation: a combobox whose list the arrow keys walk. */
export function CommandPalette({
  isOpen,
  onClose,
  onHelp,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
  readonly onHelp: () => void
}) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(6_9_15/0.55)]" />
        <Dialog.Content
          {...{ 'aria-describedby': undefined }}
          className="fixed top-[12dvh] left-1/2 z-50 w-[min(40rem,calc(100vw-1.5rem))] -translate-x-1/2 overflow-hidden rounded-xl border border-line bg-surface shadow-float"
        >
          <Dialog.Title className="sr-only">Command palette</Dialog.Title>
          <PaletteBody onClose={onClose} onHelp={onHelp} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}

const label = 'Search pages, services, actions and operations'

function PaletteBody({ onClose, onHelp }: { readonly onClose: () => void; readonly onHelp: () => void }) {
  const [text, setText] = useState('')
  const { items, isSearching } = usePaletteItems(text, onHelp)
  const summary = isSearching ? 'Searching…' : 'Nothing has this name.'
  return (
    <Command shouldFilter={false} label={label} loop>
      <div className="relative border-b border-line">
        <Search aria-hidden className="pointer-events-none absolute top-3.5 left-4 size-4 text-soft" />
        <Command.Input
          value={text}
          onValueChange={setText}
          placeholder="Go to a page or service, or type: pause hello"
          className="h-11 w-full bg-surface pr-4 pl-11 outline-none placeholder:text-soft"
        />
      </div>
      <Command.List label="Results" className="max-h-[55dvh] overflow-y-auto p-1.5">
        {[...new Set(items.map(({ group }) => group))].map((group) => (
          <Command.Group
            key={group}
            heading={group}
            className="[&_[cmdk-group-heading]]:px-2.5 [&_[cmdk-group-heading]]:pt-2 [&_[cmdk-group-heading]]:pb-1 [&_[cmdk-group-heading]]:text-[0.82rem] [&_[cmdk-group-heading]]:font-medium [&_[cmdk-group-heading]]:text-soft"
          >
            {items
              .filter((item) => item.group === group)
              .map((item) => (
                <Command.Item
                  key={item.id}
                  value={item.id}
                  onSelect={() => {
                    onClose()
                    item.run()
                  }}
                  className="group flex min-h-9 cursor-default items-center gap-2.5 rounded-md px-2.5 data-[selected=true]:bg-accent-wash data-[selected=true]:text-accent"
                >
                  <item.icon aria-hidden className="size-4 shrink-0" />
                  <span className="min-w-0 break-words">{item.label}</span>
                  <span className="ml-auto shrink-0 text-[0.88rem] text-soft group-data-[selected=true]:text-accent">
                    {item.note}
                  </span>
                </Command.Item>
              ))}
          </Command.Group>
        ))}
      </Command.List>
      <output className="block border-t border-line px-4 py-2 text-[0.88rem] text-soft">
        {items.length > 0 ? `${plural(items.length, 'result')} · Enter opens, Esc closes` : summary}
      </output>
    </Command>
  )
}
