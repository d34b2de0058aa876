import { isProcessAlive, type ProcessIdentity } from '@skykeep/persistent-path/process-identity'
import { Pause } from './pause.ts'

/** What becomes of a pause: everything starts again where it was, or at another path. */
export type Decision = { readonly kind: 'resume' } | { readonly kind: 'follow'; readonly root: string }

/** One time in which worker and web are ended on purpose, so that the state can be taken elsewhere. */
export class Relocation {
  readonly #leave = new AbortController()
  readonly #paused = Promise.withResolvers<void>()
  readonly #pause = new Pause()
  #mover: ProcessIdentity | undefined
  #decision: Decision | undefined

  /** Aborted as soon as a pause is asked for. */
  get signal(): AbortSignal {
    return this.#leave.signal
  }

  /** Asks for the pause. @returns when worker and web have ended. @param mover whose death ends the pause. */
  ask(mover: ProcessIdentity): Promise<void> {
    this.#mover ??= mover
    this.#leave.abort()
    return this.#paused.promise
  }

  notePaused(): void {
    this.#paused.resolve()
  }

  decide(decision: Decision): void {
    this.#decision ??= decision
    this.#pause.wake()
  }

  /** Waits for the decision; a mover that died has decided by what it left: `movedTo` says where the state is then. */
  async decided(stop: AbortSignal, movedTo: () => string | undefined): Promise<Decision> {
    while (this.#decision === undefined && !stop.aborted) {
      if (this.#mover !== undefined && !isProcessAlive(this.#mover)) {
        const root = movedTo()
        return root === undefined ? { kind: 'resume' } : { kind: 'follow', root }
      }
      await this.#pause.wait(500, stop)
    }
    return this.#decision ?? { kind: 'resume' }
  }
}
