'use client'

import { X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { Button } from '../ui/button.tsx'
import { shortcuts } from './shortcut-keys.ts'

/** Every shortcut, as a dialog. */
export function ShortcutsHelp({
  isOpen,
  onClose,
}: {
  readonly isOpen: boolean
  readonly onClose: () => void
}) {
  return (
    <Dialog.Root open={isOpen} onOpenChange={(next) => (next ? undefined : onClose())}>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(6_9_15/0.55)]" />
        <Dialog.Content
          {...{ 'aria-describedby': undefined }}
          className="fixed top-1/2 left-1/2 z-50 max-h-[85dvh] w-[min(34rem,calc(100vw-2rem))] -translate-1/2 overflow-y-auto rounded-xl border border-line bg-surface p-5 shadow-float"
        >
          <div className="flex items-center justify-between">
            <Dialog.Title className="text-[1.1rem] font-semibold">Keyboard shortcuts</Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" isIcon aria-label="Close">
                <X aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <dl className="mt-3 grid grid-cols-[auto_1fr] items-baseline gap-x-4 gap-y-2">
            {shortcuts.map(({ keys, says }) => (
              <div key={says} className="contents">
                <dt className="whitespace-nowrap">
                  {keys.map((key) => (
                    <kbd
                      key={key}
                      className="mr-1 rounded border border-line bg-sunken px-1.5 py-0.5 font-mono text-[0.85rem]"
                    >
                      {key}
                    </kbd>
                  ))}
                </dt>
                <dd className="text-soft">{says}</dd>
              </div>
            ))}
          </dl>
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
