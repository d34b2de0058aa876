'use client'

import { useEffect, useRef, useState } from 'react'
import type { TriedPart } from '@skykeep/core/tried-request'
import { provenFetch } from '#src/session/proven-fetch.ts'
import { LineCutter, started, withPart, type Tried } from './tried.ts'

interface TryCall {
  readonly name: string
  readonly method: string
  readonly path: string
  readonly headers: readonly { readonly name: string; readonly value: string }[]
  readonly body: string
}

export interface Trying {
  /** Null before the first one. */
  readonly tried: Tried | null
  readonly send: (call: TryCall) => void
  readonly stop: () => void
}

/** Sends requests to a service, one at a time, and keeps what came of the last one. Leaving the page ends it. */
export function useTry(): Trying {
  const [tried, setTried] = useState<Tried | null>(null)
  const running = useRef<AbortController | null>(null)
  useEffect(() => () => running.current?.abort(), [])
  const send = (call: TryCall): void => {
    running.current?.abort()
    const control = new AbortController()
    running.current = control
    setTried(started)
    const update = (change: (before: Tried) => Tried): void => {
      if (!control.signal.aborted) setTried((before) => change(before ?? started))
    }
    ask(call, control.signal, (part) => update((before) => withPart(before, part)))
      .catch((error: unknown) => update((before) => ({ ...before, error })))
      .finally(() => update((before) => ({ ...before, isRunning: false })))
  }
  const stop = (): void => {
    running.current?.abort()
    setTried((before) => before && { ...before, isRunning: false })
  }
  return { tried, send, stop }
}

async function ask(call: TryCall, signal: AbortSignal, onPart: (part: TriedPart) => void): Promise<void> {
  const response = await provenFetch('/api/try', {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(call),
    signal,
  })
  if (!response.ok || response.body === null) throw new RefusedTry(await response.json())
  const reader = response.body.pipeThrough(new TextDecoderStream()).getReader()
  const cutter = new LineCutter()
  for (;;) {
    const { done, value } = await reader.read()
    if (done) return
    // Our own server's lines.
    for (const line of cutter.take(value)) onPart(JSON.parse(line) as TriedPart)
  }
}

/** The server did not send the request, and says why. */
export class RefusedTry extends Error {
  constructor(answer: unknown) {
    const { userMessage, hint } = Object(answer) as { userMessage?: unknown; hint?: unknown }
    const words = [userMessage, hint].filter((text) => typeof text === 'string' && text !== '')
    super(words.length === 0 ? 'The dashboard could not send it.' : words.join(' '))
  }
}
