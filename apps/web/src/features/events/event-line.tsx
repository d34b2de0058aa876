import {
  Archive,
  ArchiveRestore,
  ArchiveX,
  ArrowUpDown,
  Bell,
  CirclePlus,
  HardDriveDownload,
  FolderInput,
  HeartPulse,
  KeyRound,
  LifeBuoy,
  ListChecks,
  LogIn,
  MoveRight,
  Pin,
  Power,
  Radar,
  RefreshCw,
  Rocket,
  Scissors,
  ShieldCheck,
  ShieldOff,
  Siren,
  Unplug,
  type LucideIcon,
} from 'lucide-react'
import Link from 'next/link'
import type { EventType } from '@skykeep/core/events'
import type { EventView } from '@skykeep/core/views'
import { RelativeTime } from '#src/components/ui/relative-time.tsx'
import { cn } from '#src/components/ui/class-names.ts'
import { toneClasses, type Tone } from '#src/status/tones.ts'
import { eventText } from './event-text.ts'
import { eventTone } from './event-tone.ts'

const icons: Readonly<Record<EventType, LucideIcon>> = {
  'status.changed': MoveRight,
  'operation.progress': ListChecks,
  'service.desired': Bell,
  'service.scaled': ArrowUpDown,
  'rollout.progress': RefreshCw,
  'drill.started': Siren,
  'drill.progress': Siren,
  'drill.finished': Siren,
  'replica.created': CirclePlus,
  'replica.launched': Rocket,
  'replica.probe': HeartPulse,
  'recovery.report': LifeBuoy,
  'requests.unfinished': Unplug,
  'plane.started': Power,
  'plane.fenced': ShieldOff,
  'storage.degraded': HardDriveDownload,
  'storage.recovered': HardDriveDownload,
  'orphan.found': Radar,
  'state.backed-up': Archive,
  'state.verified': ShieldCheck,
  'state.failed': ArchiveX,
  'state.restored': ArchiveRestore,
  'state.moved': FolderInput,
  'key.rotated': KeyRound,
  'history.pruned': Scissors,
  'row.set-aside': Pin,
  'user.signed-in': LogIn,
  'token.created': KeyRound,
  'token.revoked': KeyRound,
  'service-key.created': KeyRound,
  'service-key.revoked': KeyRound,
  'service-token.revoked': KeyRound,
}

/** One event as a line: what, where, why, when. */
export function EventLine({
  event,
  subject,
}: {
  readonly event: EventView
  /** Whom it is about, where the page knows; without it, a link to the service. */
  readonly subject?: string
}) {
  const Icon = icons[event.type]
  const tone: Tone = eventTone(event)
  return (
    <li className="flex items-start gap-3 px-4 py-2">
      <Icon aria-hidden className={cn('mt-0.5 size-4 shrink-0', toneClasses[tone].text)} />
      <div className="min-w-0 flex-1">
        <p className="break-words">{eventText(event)}</p>
        <p className="flex flex-wrap gap-x-2 text-[0.88rem] text-soft">
          <Subject event={event} name={subject} />
          {event.from !== null && event.to !== null ? (
            <span>
              {event.from} <span aria-hidden>→</span>
              <span className="sr-only">to</span> {event.to}
            </span>
          ) : null}
          {event.reason === '' ? null : <span>{event.reason}</span>}
        </p>
      </div>
      <div className="shrink-0 text-right text-[0.88rem] text-soft">
        <RelativeTime atMs={event.atMs} />
        <span className="block font-mono max-sm:hidden">#{event.seq}</span>
      </div>
    </li>
  )
}

function Subject({ event, name }: { readonly event: EventView; readonly name: string | undefined }) {
  if (name !== undefined) return name === '' ? null : <span className="text-ink">{name}</span>
  if (event.serviceName === '') return null
  return (
    <Link
      href={`/services/${encodeURIComponent(event.serviceName)}`}
      prefetch={false}
      className="text-accent hover:underline"
    >
      {nameOf(event)}
    </Link>
  )
}

/** `hello-3` for an event of replica 3, the service's name for others. */
function nameOf(event: EventView): string {
  const replicaId = event.payload['replicaId']
  return event.kind === 'replica' && typeof replicaId === 'number'
    ? `${event.serviceName}-${replicaId}`
    : event.serviceName
}
