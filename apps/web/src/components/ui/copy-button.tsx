'use client'

import { Check, Copy } from 'lucide-react'
import { useState } from 'react'
import { Button } from './button.tsx'

/** Copies `text`; says so for two seconds, to the eye and to a screen reader. */
export function CopyButton({ text, label }: { readonly text: string; readonly label: string }) {
  const [state, setState] = useState<'idle' | 'copied' | 'refused'>('idle')
  const copy = (): void => {
    navigator.clipboard.writeText(text).then(
      () => setState('copied'),
      () => setState('refused'),
    )
    setTimeout(() => setState('idle'), 2000)
  }
  return (
    <>
      <Button look="quiet" isIcon className="size-7" aria-label={label} title={label} onClick={copy}>
        {state === 'copied' ? <Check aria-hidden className="text-ok" /> : <Copy aria-hidden />}
      </Button>
      <output className="sr-only">
        {state === 'copied' ? 'Copied' : state === 'refused' ? 'The browser refused to copy' : ''}
      </output>
    </>
  )
}

/** A command to run in a terminal, with its copy button. */
export function CommandLine({ command }: { readonly command: string }) {
  return (
    <div className="flex max-w-full items-center gap-1 rounded-md border border-line bg-sunken py-0.5 pr-0.5 pl-3 text-left">
      <span aria-hidden className="font-mono text-soft select-none">
        $
      </span>
      <code className="min-w-0 flex-1 py-1 pl-1 font-mono break-words">{command}</code>
      <CopyButton text={command} label="Copy the command" />
    </div>
  )
}
