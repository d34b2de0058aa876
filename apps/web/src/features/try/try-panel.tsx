'use client'

import { CircleStop, Send } from 'lucide-react'
import { useState } from 'react'
import type { ServiceView } from '@skykeep/core/views'
import { Button } from '#src/components/ui/button.tsx'
import { Card } from '#src/components/ui/card.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { useMay } from '#src/session/use-may.ts'
import { curlOf } from './curl.ts'
import { parseHeaderLines } from './header-lines.ts'
import { bodyOf, firstDraft, RequestForm } from './request-form.tsx'
import { TriedAnswer } from './tried-answer.tsx'
import { useTry } from './use-try.ts'

/** A request to the service's endpoint, sent by the control plane, with its answer as it comes. */
export function TryPanel({ service }: { readonly service: ServiceView }) {
  const mayTry = useMay('service:write')
  const [draft, setDraft] = useState(firstDraft)
  const [wrong, setWrong] = useState<string | null>(null)
  const { tried, send, stop } = useTry()
  if (!mayTry) return <MayNot />
  const { method, path, headerText } = draft
  const body = bodyOf(draft)
  const submit = (): void => {
    const parsed = parseHeaderLines(headerText)
    if ('wrong' in parsed) return setWrong(parsed.wrong)
    setWrong(null)
    send({ name: service.name, method, path, headers: parsed.headers, body })
  }
  const url = service.endpoint?.url ?? ''
  const curl = curlOf({ url, method, path, headerText, body })
  return (
    <>
      <Card title="Request" note={url} actions={<CopyButton text={curl} label="Copy as curl" />}>
        <RequestForm
          draft={draft}
          onChange={setDraft}
          onSubmit={submit}
          actions={tried?.isRunning === true ? <StopButton onStop={stop} /> : <SendButton />}
        />
        {wrong === null ? null : (
          <p role="alert" className="mt-3 text-bad">
            {wrong}
          </p>
        )}
      </Card>
      {tried === null ? null : <TriedAnswer tried={tried} />}
    </>
  )
}

function MayNot() {
  return (
    <Card>
      <p className="text-soft">Your role may look at this service, and not send requests to it from here.</p>
    </Card>
  )
}

function StopButton({ onStop }: { readonly onStop: () => void }) {
  return (
    <Button onClick={onStop}>
      <CircleStop aria-hidden />
      Stop
    </Button>
  )
}

function SendButton() {
  return (
    <Button type="submit" look="solid">
      <Send aria-hidden />
      Send
    </Button>
  )
}
