'use client'

import { Menu as MenuIcon, X } from 'lucide-react'
import { Dialog } from 'radix-ui'
import { useRef, useState, type ReactNode } from 'react'
import { LiveProvider } from '#src/live/live-provider.tsx'
import { SessionGuard } from '#src/session/session-guard.tsx'
import { ApiProvider } from '#src/trpc/provider.tsx'
import { Button } from '../ui/button.tsx'
import { ToastProvider } from '../ui/toasts.tsx'
import { Brand } from './brand.tsx'
import { DegradedBanner } from './degraded-banner.tsx'
import { LiveIndicator } from './live-indicator.tsx'
import { Navigation } from './navigation.tsx'
import { PaletteButton } from './palette-button.tsx'
import { RouteFocus } from './route-focus.tsx'
import { Shortcuts } from './shortcuts.tsx'
import type { Theme } from './theme.ts'
import { ThemeMenu } from './theme-menu.tsx'
import { UserMenu } from './user-menu.tsx'

/** Sidebar (a drawer on a phone), top bar, banner, and the page. */
export function AppShell({ theme, children }: { readonly theme: Theme; readonly children: ReactNode }) {
  return (
    <ApiProvider>
      <SessionGuard />
      <LiveProvider>
        <ToastProvider>
          <a
            href="#content"
            className="sr-only z-50 rounded-md bg-accent-solid px-3 py-2 text-white focus:not-sr-only focus:fixed focus:top-2 focus:left-2"
          >
            Skip to the content
          </a>
          <Shortcuts />
          <RouteFocus />
          <div className="flex min-h-dvh">
            <aside className="sticky top-0 flex h-dvh w-52 shrink-0 flex-col gap-4 border-r border-line bg-surface p-3 max-md:hidden">
              <div className="flex h-8 items-center px-2">
                <Brand />
              </div>
              <Navigation />
            </aside>
            <div className="flex min-w-0 flex-1 flex-col">
              <header className="sticky top-0 z-30 flex h-13 items-center gap-1 border-b border-line bg-surface px-4 sm:px-6">
                <Drawer />
                <div className="ml-auto flex items-center gap-1">
                  <PaletteButton />
                  <LiveIndicator />
                  <ThemeMenu initial={theme} />
                  <UserMenu />
                </div>
              </header>
              <DegradedBanner />
              <main
                id="content"
                tabIndex={-1}
                className="mx-auto flex w-full max-w-[84rem] flex-1 flex-col gap-5 px-4 py-5 outline-none sm:px-6"
              >
                {children}
              </main>
            </div>
          </div>
        </ToastProvider>
      </LiveProvider>
    </ApiProvider>
  )
}

function Drawer() {
  const [isOpen, setOpen] = useState(false)
  const hasLeft = useRef(false)
  return (
    <Dialog.Root open={isOpen} onOpenChange={setOpen}>
      <div className="-ml-2 flex items-center gap-1 md:hidden">
        <Dialog.Trigger asChild>
          <Button look="quiet" isIcon aria-label="Open the menu">
            <MenuIcon aria-hidden />
          </Button>
        </Dialog.Trigger>
        <Brand />
      </div>
      <Dialog.Portal>
        <Dialog.Overlay className="fixed inset-0 z-40 bg-[rgb(6_9_15/0.55)]" />
        <Dialog.Content
          {...{ 'aria-describedby': undefined }}
          // A place that was chosen takes the focus, not the button that opened the drawer.
          onCloseAutoFocus={(event) => {
            if (hasLeft.current) event.preventDefault()
            hasLeft.current = false
          }}
          className="fixed inset-y-0 left-0 z-50 flex w-64 flex-col gap-4 border-r border-line bg-surface p-3"
        >
          <div className="flex h-8 items-center justify-between px-2">
            <Dialog.Title>
              <Brand />
            </Dialog.Title>
            <Dialog.Close asChild>
              <Button look="quiet" isIcon aria-label="Close the menu">
                <X aria-hidden />
              </Button>
            </Dialog.Close>
          </div>
          <Navigation
            onNavigate={() => {
              hasLeft.current = true
              setOpen(false)
            }}
          />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  )
}
