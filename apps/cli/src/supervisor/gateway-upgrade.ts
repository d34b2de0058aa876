import { isSkykeepError } from '@skykeep/core/errors'
import { callControl } from '@skykeep/persistent-path/control'
import type { ProcessRecord } from '@skykeep/persistent-path/runtime-files'
import type { SupervisorContext } from './context.ts'
import type { ProcessSpec } from './process-spec.ts'

/** A hand-over that was not finished by then is asked for again. */
const askAgainMs = 60_000

/** Sees to it that a gateway of this build leads: one of another build is asked to hand over its sockets. It serves on until then. */
export class GatewayUpgrade {
  readonly #spec: ProcessSpec
  readonly #context: SupervisorContext
  #askedAtMs = Number.NEGATIVE_INFINITY
  /** Of builds that cannot hand over. */
  readonly #refused = new Set<number>()

  constructor(spec: ProcessSpec, context: SupervisorContext) {
    this.#spec = spec
    this.#context = context
  }

  /** One look at the processes that answer. */
  async look(answering: readonly ProcessRecord[]): Promise<void> {
    const { clock, say, requireHeld } = this.#context
    if (answering.every(({ build }) => build === this.#spec.build)) return
    if (clock.monotonicMs() - this.#askedAtMs < askAgainMs) return
    const leader = await leaderOf(answering)
    if (leader === undefined || leader.build === this.#spec.build || this.#refused.has(leader.pid)) return
    requireHeld()
    this.#askedAtMs = clock.monotonicMs()
    try {
      await this.#ask(leader)
      say(
        `gateway: of another build (pid ${leader.pid}): hands its sockets over, then ends after its last request`,
      )
    } catch (error) {
      if (isSkykeepError(error, 'NOT_FOUND')) this.#refused.add(leader.pid)
      const reason = error instanceof Error ? error.message : String(error)
      say(`gateway: of another build (pid ${leader.pid}): goes on as it is: ${reason}`)
    }
  }

  async #ask({ socket = '' }: ProcessRecord): Promise<void> {
    const { command, environment } = this.#spec
    await callControl(socket, { method: 'POST', path: '/hand-over', body: { command, environment } })
  }
}

async function leaderOf(records: readonly ProcessRecord[]): Promise<ProcessRecord | undefined> {
  const isLeader = await Promise.all(
    records.map(async ({ socket = '' }) => {
      const health = await callControl(socket, { method: 'GET', path: '/health' }).catch(() => undefined)
      return Reflect.get(Object(health), 'isLeader') === true
    }),
  )
  return records.find((_, i) => isLeader[i] === true)
}
