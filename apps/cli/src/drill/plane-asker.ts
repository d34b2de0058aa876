import { isSkykeepError } from '@skykeep/core/errors'
import { errorOf, openApi, type Api } from '../client/api.ts'
import { findPlane } from '../client/plane.ts'
import type { Session } from '../client/session.ts'
import { pauseFor } from './pausing.ts'

const againMs = 100

/** The API of a plane whose web is killed meanwhile: found anew, and asked again until it answers. */
export class PlaneAsker {
  readonly #session: Session
  #api: Api | undefined

  constructor(session: Session) {
    this.#session = session
    this.#api = session.api
  }

  /** Asks once; undefined where nobody answers now. Throws what the plane refuses. */
  async now<T>(ask: (api: Api) => Promise<T>): Promise<T | undefined> {
    const api = this.#api ?? (await this.#find())
    if (api === undefined) return undefined
    try {
      return await ask(api)
    } catch (error) {
      const known = errorOf(error)
      if (isSkykeepError(known, 'UNAVAILABLE') || isSkykeepError(known, 'STORAGE_DEGRADED')) {
        this.#api = undefined
        return undefined
      }
      throw known
    }
  }

  /** Asks until somebody answers; undefined when nobody did within the time. Throws what the plane refuses, and Interrupted. */
  async patiently<T>(
    ask: (api: Api) => Promise<T>,
    { withinMs, signal }: { readonly withinMs: number; readonly signal: AbortSignal },
  ): Promise<T | undefined> {
    const deadline = performance.now() + withinMs
    for (;;) {
      const answer = await this.now(ask)
      if (answer !== undefined || performance.now() > deadline) return answer
      await pauseFor(againMs, signal)
    }
  }

  async #find(): Promise<Api | undefined> {
    const url = await findPlane(this.#session.place)
    if (url !== undefined) this.#api = openApi({ url }, this.#session.token)
    return this.#api
  }
}
