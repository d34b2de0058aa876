import type { CliEnv } from '../env.ts'
import { openTerminal, type Terminal } from '../output/terminal.ts'
import { openApi, type Api, type Connection } from './api.ts'
import { findPlace, findPlane, readLocalToken, type Place } from './plane.ts'
import { noPlane, seeSupervisor } from './plane-trouble.ts'
import { startPlane } from './start-plane.ts'

/** What a verb that talks to the control plane works with. */
export interface Session {
  readonly env: CliEnv
  readonly terminal: Terminal
  readonly place: Place
  /** Where it answers now; moves with a plane that comes back elsewhere. */
  readonly connection: Connection
  readonly token: string
  readonly api: Api
  /** When this verb started the plane, ms since the epoch; null: it ran before. */
  readonly startedAtMs: number | null
}

/** A session for a verb that only reads: where no plane runs, it says so and changes nothing. */
export async function openReadSession(env: CliEnv): Promise<Session> {
  const place = findPlace(env)
  const url = await findPlane(place)
  if (url === undefined) throw noPlane(place, await seeSupervisor(place))
  return sessionAt(env, place, url)
}

/** A session for a verb that changes something: starts a plane in the background where none runs. */
export async function openChangeSession(env: CliEnv): Promise<Session> {
  const place = findPlace(env)
  const running = await findPlane(place)
  if (running !== undefined) return sessionAt(env, place, running)
  const startedAtMs = Date.now()
  return { ...sessionAt(env, place, await startPlane(env, place)), startedAtMs }
}

/** A session with the plane that is known to answer at `url`. */
export function sessionAt(env: CliEnv, place: Place, url: string): Session {
  const token = readLocalToken(place)
  const connection = { url }
  const api = openApi(connection, token)
  return { env, terminal: openTerminal(env), place, connection, token, api, startedAtMs: null }
}
