import type { Operation } from '@skykeep/core/nouns'
import { traceparentOf } from '@skykeep/db/operations'
import { annotate, linkCause } from '@skykeep/telemetry/scope'

interface Cause {
  readonly uid: string
  readonly traceparent: string | null
}

/**
 * The requests that this worker follows now, by what they are about: lines and spans of a service and its replicas name the newest of
 * them. In memory only: nothing is decided on it.
 */
export class OpenOperations {
  readonly #byTarget = new Map<string, Map<string, Cause>>()

  /** Says that the run under way is about the operation. */
  noteOperation(operation: Operation): void {
    const cause = { uid: operation.uid, traceparent: traceparentOf(operation) }
    const causes = this.#byTarget.get(operation.targetUid) ?? new Map<string, Cause>()
    this.#byTarget.set(operation.targetUid, causes.set(operation.uid, cause))
    annotate({ service: operation.targetName, operation: operation.uid, verb: operation.verb })
    linkCause(cause.traceparent)
  }

  /** Says that the run under way is about the service, and for the newest operation on it. */
  noteService(uid: string, name: string): void {
    const cause = [...(this.#byTarget.get(uid)?.values() ?? [])].at(-1)
    annotate(cause === undefined ? { service: name } : { service: name, operation: cause.uid })
    linkCause(cause?.traceparent ?? null)
  }

  /** The operation has ended. */
  forget({ uid, targetUid }: Pick<Operation, 'uid' | 'targetUid'>): void {
    const causes = this.#byTarget.get(targetUid)
    causes?.delete(uid)
    if (causes?.size === 0) this.#byTarget.delete(targetUid)
  }
}
