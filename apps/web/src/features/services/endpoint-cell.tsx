import type { EndpointView } from '@skykeep/core/views'
import { CopyButton } from '#src/components/ui/copy-button.tsx'
import { StatusBadge } from '#src/components/ui/status-badge.tsx'
import { endpointVisuals } from '#src/status/visuals.ts'

/** Where a service answers, to open and to copy; its state only when it is not simply open. */
export function EndpointCell({ endpoint }: { readonly endpoint: EndpointView | null }) {
  if (endpoint === null) return <span className="text-soft">None</span>
  return (
    <div className="relative z-10 flex w-fit max-w-full flex-wrap items-center gap-x-1">
      <a
        href={endpoint.url}
        target="_blank"
        rel="noreferrer"
        className="font-mono break-all text-accent hover:underline"
      >
        {endpoint.url}
      </a>
      <div className="-my-1">
        <CopyButton text={endpoint.url} label={`Copy ${endpoint.url}`} />
      </div>
      {endpoint.status === 'OPEN' ? null : (
        <span className="flex flex-wrap items-center gap-x-2">
          <StatusBadge visual={endpointVisuals[endpoint.status]} />
          <span className="text-[0.88rem] text-soft">{endpoint.statusReason}</span>
        </span>
      )}
    </div>
  )
}
