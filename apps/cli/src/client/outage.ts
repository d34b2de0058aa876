import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import { errorOf } from './api.ts'
import { findPlane } from './plane.ts'
import type { Session } from './session.ts'

const lookMs = 500

/** True for an error that says that nobody answers now, rather than what the answer is. */
export function isNoAnswer(error: unknown): boolean {
  const known = errorOf(error)
  return isSkykeepError(known, 'UNAVAILABLE') || isSkykeepError(known, 'STANDING_BY')
}

/**
 * A control plane that is away while somebody waits or watches: said once, and waited for within the bound of the session. Where it comes back
 * at another address, the session goes along.
 */
export class Outage {
  readonly #session: Session
  readonly #say: (line: string) => void
  #sinceMs: number | null = null

  /** @param say told when it goes and when it is back; absent: the session's terminal. */
  constructor(session: Session, say: (line: string) => void = session.terminal.note) {
    this.#session = session
    this.#say = say
  }

  /** Asks, and again as often as nobody answers, within the bound. Throws what the plane refuses, and UNAVAILABLE. */
  async answerOf<T>(ask: () => Promise<T>): Promise<T> {
    for (;;) {
      try {
        const answer = await ask()
        this.end()
        return answer
      } catch (error) {
        if (!isNoAnswer(error)) throw error
        await this.wait()
      }
    }
  }

  /** Returns once something answers that can be asked again. Throws UNAVAILABLE when the time has passed, and what a plane refuses. */
  async wait(): Promise<void> {
    const { env, place, connection, api } = this.#session
    if (this.#sinceMs === null) {
      this.#sinceMs = performance.now()
      const bound = `${env.patienceMs / 1000} s`
      if (env.patienceMs > 0) this.#say(`no answer from the control plane; waiting for it for up to ${bound}`)
    }
    while (performance.now() - this.#sinceMs < env.patienceMs) {
      await new Promise((resolve) => setTimeout(resolve, lookMs))
      const url = await findPlane(place)
      if (url === undefined) continue
      connection.url = url
      try {
        await api.auth.me.query()
        return
      } catch (error) {
        if (!isNoAnswer(error)) throw errorOf(error)
      }
    }
    throw notBack(this.#session)
  }

  /** It has answered. */
  end(): void {
    if (this.#sinceMs === null) return
    this.#sinceMs = null
    this.#say('the control plane answers again')
  }
}

/** One question through an outage of its own, told on the session's terminal. Throws what the plane refuses, and UNAVAILABLE. */
export async function patiently<T>(session: Session, ask: () => Promise<T>): Promise<T> {
  return await new Outage(session).answerOf(ask)
}

function notBack({ env, place }: Session): SkykeepError {
  return new SkykeepError(
    'UNAVAILABLE',
    `the control plane on ${place.resolved.path} did not answer for ${env.patienceMs / 1000} s`,
    {
      hint: 'Services go on, and what was asked for goes on once a control plane runs: start one with `skykeep up`, then `skykeep ops` shows how far it is.',
    },
  )
}
