import type { ReactNode } from 'react'
import type { EndpointView, ServiceView } from '@skykeep/core/views'
import { cn } from '#src/components/ui/class-names.ts'
import { CommandLine } from '#src/components/ui/copy-button.tsx'
import { TimeUntil } from '#src/components/ui/relative-time.tsx'
import { endpointVisuals, serviceVisuals } from '#src/status/visuals.ts'
import { toneClasses, type Visual } from '#src/status/tones.ts'
import { sentence } from '../scaling/target-text.ts'

/** What the status of service and endpoint means and why, when they are not simply ready and open. */
export function StatusNotice({ service }: { readonly service: ServiceView }) {
  const { status, statusReason, endpoint } = service
  return (
    <>
      {status === 'READY' ? null : (
        <Notice label="Status" visual={serviceVisuals[status]} reason={statusReason}>
          {status === 'PAUSED' ? <Opening service={service} /> : null}
          {status === 'CONTROLLER_FAILED' ? (
            <div className="mt-1 flex flex-wrap items-center gap-2">
              <span className="text-soft">If no supervisor runs, start one:</span>
              <CommandLine command="npx skykeep up" />
            </div>
          ) : null}
        </Notice>
      )}
      {endpoint === null || endpoint.status === 'OPEN' ? null : <EndpointNotice endpoint={endpoint} />}
    </>
  )
}

function EndpointNotice({ endpoint: { status, statusReason, port } }: { readonly endpoint: EndpointView }) {
  return (
    <Notice label="Endpoint" visual={endpointVisuals[status]} reason={statusReason}>
      {status === 'BLOCKED' ? (
        <div className="mt-1 flex flex-wrap items-center gap-2">
          <span className="text-soft">The port never moves. See what holds it, and end that:</span>
          <CommandLine command={`ss -ltnp 'sport = :${port}'`} />
        </div>
      ) : null}
    </Notice>
  )
}

/** When a closed service opens again, and by whom. */
function Opening({ service: { isPaused, schedule } }: { readonly service: ServiceView }) {
  if (isPaused) return <p className="text-soft">It stays so until somebody resumes it.</p>
  if (schedule === null || !schedule.isOff || schedule.nextChangeAtMs === null) return null
  return (
    <p className="text-soft">
      It opens <TimeUntil atMs={schedule.nextChangeAtMs} />, by its schedule.
    </p>
  )
}

function Notice({
  label,
  visual,
  reason,
  children,
}: {
  readonly label: string
  readonly visual: Visual
  readonly reason: string
  readonly children: ReactNode
}) {
  const Icon = visual.icon
  return (
    <section
      aria-label={label}
      className="flex items-start gap-3 rounded-lg border border-line bg-surface px-4 py-3"
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4.5 shrink-0', toneClasses[visual.tone].text)} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{visual.meaning}</p>
        {reason === '' ? null : <p className="break-words text-soft">{sentence(reason)}</p>}
        {children}
      </div>
    </section>
  )
}
