'use client'

import { CircleAlert, LogIn } from 'lucide-react'
import { useState, useSyncExternalStore } from 'react'
import { Brand } from '#src/components/shell/brand.tsx'
import { Button } from '#src/components/ui/button.tsx'
import { CommandLine } from '#src/components/ui/copy-button.tsx'
import { readSignInReason, signInReasons } from '#src/session/sign-in-reason.ts'
import { exchangeCode } from './exchange-code.ts'

/** Trades the code of a sign-in link for a session, on a button, so that a link preview or a prefetch never spends it. */
export function SignInPage() {
  const code = useSyncExternalStore(subscribeToHash, readCode, () => undefined)
  return (
    <main className="grid min-h-dvh place-items-center p-4">
      <div className="flex w-full max-w-sm flex-col gap-5 rounded-xl border border-line bg-surface p-6 shadow-float">
        <Brand />
        <h1 className="text-[1.3rem] leading-tight font-semibold">Sign in</h1>
        <Reason />
        {code === undefined ? <div className="h-24" /> : code === '' ? <NoCode /> : <WithCode code={code} />}
      </div>
    </main>
  )
}

function Reason() {
  const reason = useSyncExternalStore(
    subscribeToNothing,
    () => readSignInReason(location.search),
    () => null,
  )
  return reason === null ? null : (
    <output className="flex gap-2">
      <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-warn" />
      {signInReasons[reason]}
    </output>
  )
}

function WithCode({ code }: { readonly code: string }) {
  const [state, setState] = useState<{ readonly isBusy: boolean; readonly problem: string | null }>({
    isBusy: false,
    problem: null,
  })
  const signIn = async (): Promise<void> => {
    setState({ isBusy: true, problem: null })
    const problem = await exchangeCode(code)
    if (problem === null) location.replace('/')
    else setState({ isBusy: false, problem })
  }
  return (
    <>
      <p className="text-soft">This link signs this browser in. It works once.</p>
      <Button look="solid" className="h-10" disabled={state.isBusy} onClick={() => void signIn()}>
        <LogIn aria-hidden />
        {state.isBusy ? 'Signing in…' : 'Sign in to Skykeep'}
      </Button>
      {state.problem === null ? null : (
        <div role="alert" className="flex flex-col gap-3 border-t border-line pt-4">
          <p className="flex gap-2">
            <CircleAlert aria-hidden className="mt-0.5 size-4 shrink-0 text-bad" />
            {state.problem}
          </p>
          <p className="text-soft">Make a new link on the machine that runs Skykeep:</p>
          <CommandLine command="npx skykeep login" />
        </div>
      )}
    </>
  )
}

function NoCode() {
  return (
    <>
      <p className="text-soft">
        You need a sign-in link. Make one on the machine that runs Skykeep, then open it in this browser. It
        is good for ten minutes and works once.
      </p>
      <CommandLine command="npx skykeep login" />
    </>
  )
}

function subscribeToHash(listener: () => void): () => void {
  window.addEventListener('hashchange', listener)
  return () => window.removeEventListener('hashchange', listener)
}

// The query of an address changes only with the page.
function subscribeToNothing(): () => void {
  return () => undefined
}

function readCode(): string {
  return location.hash.slice(1)
}
