'use client'

import { CircleAlert, CircleCheck, Undo2, X } from 'lucide-react'
import { Toast } from 'radix-ui'
import { createContext, useCallback, useContext, useState, type ReactNode } from 'react'
import { Button } from './button.tsx'

const briefMs = 6000
const undoableMs = 12_000

interface Notice {
  readonly id: number
  readonly tone: 'ok' | 'bad'
  readonly title: string
  readonly text: string
  /** Takes back what was just done; the word stays longer then. */
  readonly undo?: Undo | undefined
}

/** The way back from a change. */
export interface Undo {
  /** What it does, for a reader who cannot see the button: `Resume hello`. */
  readonly label: string
  readonly run: () => void
}

type Notify = (notice: Omit<Notice, 'id'>) => void

const NotifyContext = createContext<Notify>(() => undefined)

/** Says something for a few seconds at the corner of the page, and to a screen reader. */
export function useNotify(): Notify {
  return useContext(NotifyContext)
}

export function ToastProvider({ children }: { readonly children: ReactNode }) {
  const [notices, setNotices] = useState<readonly Notice[]>([])
  const notify = useCallback<Notify>((notice) => {
    setNotices((shown) => [...shown.slice(-2), { ...notice, id: (shown.at(-1)?.id ?? 0) + 1 }])
  }, [])
  const remove = (id: number): void => setNotices((shown) => shown.filter((notice) => notice.id !== id))
  return (
    <NotifyContext value={notify}>
      <Toast.Provider>
        {children}
        {notices.map((notice) => (
          <Toast.Root
            key={notice.id}
            duration={notice.undo === undefined ? briefMs : undoableMs}
            onOpenChange={(isOpen) => (isOpen ? undefined : remove(notice.id))}
            className="flex animate-[appear_0.2s] items-start gap-3 rounded-lg border border-line bg-surface p-3 shadow-float"
          >
            {notice.tone === 'ok' ? (
              <CircleCheck aria-hidden className="mt-0.5 size-4 shrink-0 text-ok" />
            ) : (
              <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
            )}
            <div className="min-w-0 flex-1">
              <Toast.Title className="font-semibold">{notice.title}</Toast.Title>
              <Toast.Description className="break-words text-soft">{notice.text}</Toast.Description>
            </div>
            {notice.undo === undefined ? null : (
              <Toast.Action altText={notice.undo.label} asChild>
                <Button onClick={notice.undo.run}>
                  <Undo2 aria-hidden />
                  Undo
                </Button>
              </Toast.Action>
            )}
            <Toast.Close aria-label="Close" className="rounded p-1 text-soft hover:text-ink">
              <X aria-hidden className="size-4" />
            </Toast.Close>
          </Toast.Root>
        ))}
        <Toast.Viewport className="fixed right-4 bottom-4 z-50 flex w-[min(24rem,calc(100vw-2rem))] flex-col gap-2" />
      </Toast.Provider>
    </NotifyContext>
  )
}
