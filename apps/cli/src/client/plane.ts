import { readFileSync } from 'node:fs'
import { layoutOf, type Layout } from '@skykeep/persistent-path/layout'
import { requireNotMoved } from '@skykeep/persistent-path/path-state'
import { resolvePersistentPath, type ResolvedPath } from '@skykeep/persistent-path/resolve'
import { readProcessRecord } from '@skykeep/persistent-path/runtime-files'
import { SkykeepError } from '@skykeep/core/errors'
import type { CliEnv } from '../env.ts'

/** The persistent path as this command line sees it. */
export interface Place {
  readonly resolved: ResolvedPath
  readonly layout: Layout
}

export function findPlace(env: CliEnv): Place {
  const resolved = resolvePersistentPath(env.all, env.home)
  return { resolved, layout: layoutOf(resolved.path) }
}

/** Address of the control plane that is active on this path, or undefined when none answers within 2 s. Throws CONFLICT where the state was moved. */
export async function findPlane(place: Place): Promise<string | undefined> {
  requireNotMoved(place.layout)
  const record = readProcessRecord(place.layout, 'web')
  if (record?.port === undefined) return undefined
  const url = `http://127.0.0.1:${record.port}`
  try {
    const response = await fetch(`${url}/role`, { signal: AbortSignal.timeout(2000) })
    await response.body?.cancel()
    return response.status === 200 ? url : undefined
  } catch {
    return undefined
  }
}

/** The bearer token of this machine's command line. Throws UNAUTHENTICATED where the path has none yet. */
export function readLocalToken(place: Place): string {
  try {
    return readFileSync(place.layout.localToken, 'utf8').trim()
  } catch (cause) {
    throw new SkykeepError('UNAUTHENTICATED', `cannot read ${place.layout.localToken}`, {
      hint: 'It is made when the control plane first starts, and only its owner may read it.',
      cause,
    })
  }
}
