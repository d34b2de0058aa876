import { SkykeepError } from '@skykeep/core/errors'
import { buildContainer, type Container } from './container.ts'
import { logLine } from './process-log.ts'

interface Holder {
  /** The finished container. */
  ready: Container | undefined
  /** Why the last try failed. */
  error: unknown
  opening: Promise<void> | undefined
}

const firstRetryMs = 250
const lastRetryMs = 5_000
const patienceMs = 4_000

// Next bundles routes and instrumentation apart; one process has one plane all the same.
const key = Symbol.for('skykeep.web.plane')

function holder(): Holder {
  const slots: Record<symbol, unknown> = Object(globalThis)
  // Only this function writes the slot.
  return (slots[key] ??= { ready: undefined, error: undefined, opening: undefined }) as Holder
}

/** Begins to open the state, in the background, and tries until it succeeds. Calling again changes nothing. */
export function openPlane(): void {
  const held = holder()
  held.opening ??= keepOpening(held)
}

async function keepOpening(held: Holder): Promise<void> {
  for (let waitMs = firstRetryMs; held.ready === undefined; waitMs = Math.min(waitMs * 2, lastRetryMs)) {
    try {
      held.ready = await buildContainer()
      held.error = undefined
      logLine('info', 'the state is open')
    } catch (error) {
      held.error = error
      logLine('error', `the state cannot be opened now; tries again in ${waitMs} ms`, error)
      await pause(waitMs)
    }
  }
}

/** The container, waited for a few seconds at most. Throws why it cannot be had: UNAVAILABLE, STORAGE_DEGRADED, … */
export async function plane(): Promise<Container> {
  openPlane()
  const held = holder()
  if (held.ready === undefined) await Promise.race([held.opening, pause(patienceMs)])
  if (held.ready !== undefined) return held.ready
  if (held.error instanceof SkykeepError) throw held.error
  throw new SkykeepError('UNAVAILABLE', 'the state is not open yet', {
    cause: held.error,
    userMessage: 'The database does not answer yet.',
    hint: 'Services go on being served. This page comes back by itself.',
  })
}

/** The container if it is there now. */
export function planeIfOpen(): Container | undefined {
  return holder().ready
}

function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms).unref())
}
