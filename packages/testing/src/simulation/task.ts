import { AsyncLocalStorage } from 'node:async_hooks'

/** A place at which a process may die or be held up: right before a write or an effect, or right after it and before whatever follows. */
export interface Point {
  readonly when: 'before' | 'after'
  /** What is written or done; of a write that is still to come it is told afterwards only. */
  readonly what: string
}

/** Ends what a dead process would have done next where that cannot be held up for ever. Nobody may take it for anything else. */
export class Killed extends Error {
  override readonly name = 'Killed'
}

export interface TaskOptions {
  /** Whose work it is and what: `worker-1 replica`. */
  readonly name: string
  readonly run: () => Promise<unknown>
  /** Told of each point; a task that is killed in there does nothing more. */
  readonly onPoint?: (task: Task, point: Point) => void
}

const running = new AsyncLocalStorage<Task>()
/** Real time after which a step that came to no point and no end is taken for one that never will. */
const stuckMs = 20_000

/** Work of a simulated process that stands still at every point until it is told to go on. Only one may be under way at a time. */
export class Task {
  readonly name: string
  /** Set: how the writes that follow are called, instead of by what they write. */
  label: string | null = null
  readonly #options: TaskOptions
  #parked: { readonly point: Point; readonly resume: () => void } | null = null
  #onStop: (() => void) | undefined
  #isStarted = false
  #isKilled = false
  #isEnded = false
  #isAlone = false
  #error: unknown

  constructor(options: TaskOptions) {
    this.#options = options
    this.name = options.name
  }

  get isEnded(): boolean {
    return this.#isEnded
  }

  get isKilled(): boolean {
    return this.#isKilled
  }

  /** What it ended with, undefined for nothing. */
  get error(): unknown {
    return this.#error
  }

  /** Where it stands; null before its start and after its end. */
  get point(): Point | null {
    return this.#parked?.point ?? null
  }

  /** Goes on to the next point or to the end. */
  async step(): Promise<void> {
    if (this.#isEnded || this.#isKilled) return
    let timer: NodeJS.Timeout | undefined
    const stopped = new Promise<void>((resolve, reject) => {
      this.#onStop = resolve
      const message = `${this.name} waits for what stands still, since ${this.point?.what ?? 'its start'}`
      timer = setTimeout(() => reject(new Error(message)), stuckMs)
    })
    const parked = this.#parked
    this.#parked = null
    if (parked !== null) parked.resume()
    else if (!this.#isStarted) this.#start()
    await stopped.finally(() => clearTimeout(timer))
  }

  /**
   * Runs to its end or its death without standing still, where nothing else is under way beside it. Its death unwinds it, so that what it held open
   * is closed as the kernel would; no effect that has a point is done on the way. @throws what it ended with, unless that is its death.
   */
  async runToEnd(): Promise<void> {
    this.#isAlone = true
    try {
      await running.run(this, this.#options.run)
    } catch (error) {
      if (!this.#isKilled) throw error
    }
  }

  /** From now on it does nothing any more; what it began stays begun. */
  kill(): void {
    this.#isKilled = true
    this.#onStop?.()
  }

  #start(): void {
    this.#isStarted = true
    const end = (error?: unknown): void => {
      this.#isEnded = true
      this.#error = error
      this.#onStop?.()
    }
    running.run(this, () => {
      this.#options.run().then(() => end(), end)
    })
  }

  /** Called where the point is, by the task itself. */
  async park(point: Point): Promise<void> {
    if (this.#isAlone) {
      this.passBy(point)
      return
    }
    await new Promise<void>((resolve) => {
      if (this.#isKilled) return
      if (this.#parked !== null) throw new Error(`${this.name}: two points at once, second ${point.what}`)
      this.#parked = { point, resume: resolve }
      this.#options.onPoint?.(this, point)
      this.#onStop?.()
    })
  }

  /** The same for what cannot wait. @throws Killed */
  passBy(point: Point): void {
    if (!this.#isKilled) this.#options.onPoint?.(this, point)
    if (this.#isKilled) throw new Killed(`${this.name} died ${point.when} ${point.what}`)
  }
}

/** The task that runs this code; undefined for the harness itself. */
export function currentTask(): Task | undefined {
  return running.getStore()
}

/** A point of the task that runs this code; none of the harness itself. */
export async function pass(point: Point): Promise<void> {
  const task = running.getStore()
  if (task !== undefined) await task.park(point)
}

/** A point in code that cannot wait. @throws Killed when the task dies there. */
export function passBy(point: Point): void {
  running.getStore()?.passBy(point)
}
