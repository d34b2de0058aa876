import type { DrillResult } from '@skykeep/core/nouns'
import type { PlaneAsker } from './plane-asker.ts'
import type { Judgement } from './judge.ts'

const everyMs = 5000
const endMs = 30_000
/** A person who pressed Ctrl-C waits for no longer. */
const interruptedMs = 2000

/** Keeps the row of a drill up to date, through an API that is away at times: what could not be told is told later. */
export class DrillRecord {
  readonly uid: string
  readonly #asker: PlaneAsker
  readonly #timer: NodeJS.Timeout
  #phase = ''
  #result: DrillResult | null = null
  #telling: Promise<unknown> = Promise.resolve()

  constructor(uid: string, asker: PlaneAsker) {
    this.uid = uid
    this.#asker = asker
    this.#timer = setInterval(() => this.#tell(), everyMs)
  }

  /** Where the drill is now; also says that its process lives. */
  report(phase: string, result: DrillResult | null): void {
    this.#phase = phase
    this.#result = result
    this.#tell()
  }

  /** Says nothing more. */
  close(): void {
    clearInterval(this.#timer)
  }

  /** Writes the end. Returns whether the control plane took it. */
  async finish(
    { status, reason }: Judgement,
    result: DrillResult | null,
    isInterrupted = false,
  ): Promise<boolean> {
    this.close()
    await this.#telling
    const { uid } = this
    const withinMs = isInterrupted ? interruptedMs : endMs
    const taken = await this.#asker.patiently(
      (api) => api.drills.finish.mutate({ uid, status, reason, result }),
      { withinMs, signal: new AbortController().signal },
    )
    return taken !== undefined
  }

  #tell(): void {
    const { uid } = this
    const [phase, result] = [this.#phase, this.#result]
    // One after the other, so that an older one never comes last. A refusal shows when the end is written.
    this.#telling = this.#telling
      .then(() => this.#asker.now((api) => api.drills.report.mutate({ uid, phase, result })))
      .catch(() => undefined)
  }
}
