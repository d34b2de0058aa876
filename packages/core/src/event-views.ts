import type { ReplicaStatus, ServiceStatus } from './statuses.ts'
import type { EventView, Page } from './views.ts'

/** Names of the people among the actors, by uid; `controller` has none. */
export type ActorNames = Readonly<Record<string, string>>

export interface EventPageView extends Page<EventView> {
  readonly actorNames: ActorNames
}

export interface EventLinkView {
  readonly event: EventView
  /** `cause`: it was written down as the cause. `same-row`: nothing was; it is what happened to the same row before. */
  readonly how: 'cause' | 'same-row'
}

export interface EventChainView {
  readonly event: EventView
  /** What led to it, oldest first, at most 20. */
  readonly causes: readonly EventLinkView[]
  /** What it caused, oldest first, at most 100. */
  readonly effects: readonly EventView[]
  readonly actorNames: ActorNames
}

/** What there was at a moment. */
export interface StateAtView {
  readonly atMs: number
  /** The last event until then; 0: none was. */
  readonly seq: number
  /** By name. */
  readonly services: readonly {
    readonly name: string
    readonly status: ServiceStatus
    /** What was asked for then; null where nothing that is kept tells. */
    readonly desiredVersion: number | null
    /** Why the version is null, for a person; null where it is not. */
    readonly desiredVersionReason: string | null
    readonly replicas: readonly {
      readonly id: number
      readonly version: number
      readonly status: ReplicaStatus
      readonly infra: string
      readonly zone: string
      readonly isSpot: boolean
    }[]
  }[]
}
