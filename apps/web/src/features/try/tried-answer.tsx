import { Card } from '#src/components/ui/card.tsx'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { bytes } from '#src/format/quantity.ts'
import { measured } from '#src/format/time.ts'
import { RefusedTry } from './use-try.ts'
import type { Tried } from './tried.ts'

/** What came of a tried request so far: status, who answered, how long it took, headers and body. */
export function TriedAnswer({ tried }: { readonly tried: Tried }) {
  const { head, text, end, error, isRunning } = tried
  const copy = text === '' ? undefined : <CopyButton text={text} label="Copy the body" />
  return (
    <Card title="Answer" note={<output>{summaryOf(tried)}</output>} actions={copy}>
      <div className="flex flex-col gap-3">
        {error === null ? null : (
          <p role="alert" className="text-bad">
            {error instanceof RefusedTry
              ? error.message
              : 'The dashboard did not answer; nothing more is known.'}
          </p>
        )}
        {end?.type === 'failed' ? (
          <p role="alert" className="text-bad">
            {end.message}
          </p>
        ) : null}
        {head === null ? null : (
          <details>
            <summary className="w-fit text-soft hover:text-ink">Headers ({head.headers.length})</summary>
            <pre
              aria-label="Headers"
              className="mt-1 font-mono text-[0.88rem] wrap-anywhere whitespace-pre-wrap"
            >
              {head.headers.map(({ name, value }) => `${name}: ${value}`).join('\n')}
            </pre>
          </details>
        )}
        {head === null ? null : (
          <pre
            aria-label="Body"
            className="rounded-md bg-sunken p-3 font-mono wrap-anywhere whitespace-pre-wrap"
          >
            {text === '' ? (
              <span className="text-soft">{isRunning ? 'Nothing yet.' : 'No body.'}</span>
            ) : (
              text
            )}
          </pre>
        )}
        {end?.type === 'end' && end.cut !== null ? <p className="text-warn">{end.cut}</p> : null}
      </div>
    </Card>
  )
}

/** `200 OK · replica 2, version 1 · 12 ms · 1.5 KiB`. */
function summaryOf({ head, end, isRunning, error }: Tried): string {
  if (error !== null) return 'Not sent'
  if (head === null) return end === null ? (isRunning ? 'Waiting' : 'Stopped') : 'No answer'
  const who =
    head.replica === null
      ? 'the gateway itself'
      : `replica ${head.replica.id}, version ${head.replica.version}`
  const took =
    end === null
      ? `${isRunning ? 'first byte after' : 'stopped after'} ${measured(head.tookMs)}`
      : measured(end.tookMs)
  const size = end?.type === 'end' ? [bytes(end.bytes)] : []
  return [`${head.status} ${head.statusText}`.trim(), who, took, ...size].join(' · ')
}
