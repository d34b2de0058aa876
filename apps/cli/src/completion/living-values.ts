import { findPlace, findPlane } from '../client/plane.ts'
import { sessionAt, type Session } from '../client/session.ts'
import type { CliEnv } from '../env.ts'
import { clockTime } from '../output/age.ts'
import { flat } from '../output/width.ts'
import { livingKinds, type LivingKind } from './completion-table.ts'

interface Value {
  readonly value: string
  readonly about: string
}

/** A person who types waits no longer. */
const patienceMs = 2000
const most = 100

/**
 * Prints what the plane has of a kind, one a line with what it is: `hello<TAB>READY`. Prints nothing where no plane answers, for a kind or a
 * service that there is none of, and after two seconds: a shell that completes has no place for an error.
 */
export async function printLivingValues(env: CliEnv, kind: string, service: string): Promise<void> {
  const known = livingKinds.find((each) => each === kind)
  if (known === undefined) return
  // Nothing that is still open keeps the shell waiting.
  const timer = setTimeout(() => process.exit(0), patienceMs)
  try {
    const place = findPlace(env)
    const url = await findPlane(place)
    if (url === undefined) return
    const values = await readers[known](sessionAt(env, place, url), service)
    const lines = values.map(({ value, about }) => `${value}\t${flat(about)}\n`)
    process.stdout.write(lines.join(''))
  } catch {
    // Completion is silent.
  } finally {
    clearTimeout(timer)
  }
}

const readers: Readonly<
  Record<LivingKind, (session: Session, service: string) => Promise<readonly Value[]>>
> = {
  service: async ({ api }) => {
    const { items } = await api.services.list.query({ limit: most })
    return items.map(({ name, status }) => ({ value: name, about: status }))
  },
  replica: async ({ api }, name) => {
    const { replicas } = await api.services.get.query({ name })
    return replicas.map(({ id, status, outcome }) => ({ value: String(id), about: outcome ?? status }))
  },
  version: async ({ api }, name) => {
    const { versions } = await api.services.history.query({ name })
    return versions.map(({ version, createdAtMs }) => ({
      value: String(version),
      about: clockTime(createdAtMs),
    }))
  },
  operation: async ({ api }) => {
    const { items } = await api.operations.list.query({ limit: most })
    return items.map(({ uid, verb, targetName, status }) => ({
      value: uid,
      about: `${verb} ${targetName} ${status}`,
    }))
  },
}
