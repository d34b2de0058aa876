import type { Session } from '../client/session.ts'
import type { RequestHeaders } from './ask-once.ts'

/** Long enough for every round; a drill that is killed leaves a key that ends by itself. */
const expiresInSeconds = 86_400

/** A key of the service for the time of one drill: made only where the service asks for one. */
export class DrillKey {
  readonly #session: Session
  readonly #service: string
  #name: string | null = null

  constructor(session: Session, service: string) {
    this.#session = session
    this.#service = service
  }

  /** Makes it. @returns the header that shows it. */
  async make(): Promise<RequestHeaders> {
    const name = `drill-${Date.now().toString(36)}`
    const wish = { service: this.#service, name, expiresInSeconds }
    const { key } = await this.#session.api.serviceKeys.create.mutate(wish)
    this.#name = name
    return { authorization: `Bearer ${key}` }
  }

  /** Revokes it. Never throws: what is left ends within a day, and a person is told. */
  async end(): Promise<void> {
    const name = this.#name
    if (name === null) return
    this.#name = null
    try {
      await this.#session.api.serviceKeys.revoke.mutate({ service: this.#service, name })
    } catch {
      this.#session.terminal.note(
        `The drill's key is left: it ends within a day, or with \`skykeep key revoke ${this.#service} ${name}\`.`,
      )
    }
  }
}
