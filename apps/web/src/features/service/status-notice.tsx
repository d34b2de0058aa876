import type { ServiceView } from '@skykeep/core/views'
import { CommandLine } from '#src/components/ui/copy-button.tsx'
import { cn } from '#src/components/ui/class-names.ts'
import { serviceVisuals } from '#src/status/visuals.ts'
import { toneClasses } from '#src/status/tones.ts'

/** What the status means and why, when it is not simply ready. */
export function StatusNotice({ service }: { readonly service: ServiceView }) {
  if (service.status === 'READY') return null
  const visual = serviceVisuals[service.status]
  const Icon = visual.icon
  return (
    <section
      aria-label="Status"
      className="flex items-start gap-3 rounded-lg border border-line bg-surface px-4 py-3"
    >
      <Icon aria-hidden className={cn('mt-0.5 size-4.5 shrink-0', toneClasses[visual.tone].text)} />
      <div className="flex min-w-0 flex-col gap-1">
        <p className="font-medium">{visual.meaning}</p>
        {service.statusReason === '' ? null : <p className="break-words text-soft">{service.statusReason}</p>}
        {service.status === 'CONTROLLER_FAILED' ? (
          <div className="mt-1 flex flex-wrap items-center gap-2">
            <span className="text-soft">If no supervisor runs, start one:</span>
            <CommandLine command="npx skykeep up" />
          </div>
        ) : null}
      </div>
    </section>
  )
}
