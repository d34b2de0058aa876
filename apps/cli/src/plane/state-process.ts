import { type ChildProcess, fork } from 'node:child_process'
import { fileURLToPath } from 'node:url'
import { SkykeepError } from '@skykeep/core/errors'
import { fromPlainError, type StateAnswer, type StateRequest } from './state-messages.ts'

/** Nobody asks again so soon. */
const idleMs = 10_000

export type StateSettings = Omit<StateRequest, 'step' | 'atLeast' | 'parentPid'>

/**
 * Prepares the state in a process of its own, which ends soon afterwards: a database client stays in memory for as long as its process
 * does, 70 MB that a supervisor needs for a second. It does nothing any more once this process is gone.
 */
export class StateProcess {
  readonly #settings: StateSettings
  readonly #say: (line: string) => void
  #child: ChildProcess | undefined
  #idle: NodeJS.Timeout | undefined

  constructor(settings: StateSettings, say: (line: string) => void) {
    this.#settings = settings
    this.#say = say
  }

  /** Schema, keys, first admin, token of the command line. Throws what `bootstrap` throws, and UNAVAILABLE when the process dies. */
  async bootstrap(): Promise<void> {
    await this.#ask({ step: 'bootstrap', atLeast: 0 })
  }

  /** @returns the new fencing number of the installation. */
  async raiseFence(atLeast: number): Promise<number> {
    return await this.#ask({ step: 'raise-fence', atLeast })
  }

  async #ask(what: Pick<StateRequest, 'step' | 'atLeast'>): Promise<number> {
    clearTimeout(this.#idle)
    const child = this.#living()
    try {
      return await this.#answerOf(child, { ...this.#settings, ...what, parentPid: process.pid })
    } finally {
      this.#idle = setTimeout(() => this.#end(child), idleMs).unref()
    }
  }

  #living(): ChildProcess {
    if (this.#child?.connected === true) return this.#child
    const file = fileURLToPath(new URL('./state-child.ts', import.meta.url))
    const child = fork(file, [], { stdio: ['ignore', 'inherit', 'inherit', 'ipc'] })
    // It must not keep a supervisor that is stopped.
    child.unref()
    child.channel?.unref()
    this.#child = child
    return child
  }

  #answerOf(child: ChildProcess, request: StateRequest): Promise<number> {
    return new Promise((resolve, reject) => {
      child.channel?.ref()
      const settle = (act: () => void): void => {
        child.off('message', onMessage)
        child.off('exit', onExit)
        child.off('error', onError)
        child.channel?.unref()
        act()
      }
      // It sends nothing but these.
      const onMessage = (message: StateAnswer): void => {
        if (message.type === 'line') this.#say(message.line)
        else if (message.type === 'done') settle(() => resolve(message.fence))
        else settle(() => reject(fromPlainError(message.error)))
      }
      const onError = (cause: Error): void =>
        settle(() => reject(new SkykeepError('UNAVAILABLE', 'the state cannot be prepared', { cause })))
      const onExit = (code: number | null, signal: string | null): void =>
        onError(new Error(`its process ended (${signal ?? code})`))
      child.on('message', onMessage)
      child.on('exit', onExit)
      child.on('error', onError)
      child.send(request)
    })
  }

  #end(child: ChildProcess): void {
    if (this.#child === child) this.#child = undefined
    if (child.connected) child.disconnect()
  }
}
