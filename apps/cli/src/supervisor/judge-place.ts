import { existsSync } from 'node:fs'
import { type Layout, layoutOf } from '@skykeep/persistent-path/layout'
import { readIncoming, readMoved, readPathInstallation } from '@skykeep/persistent-path/path-state'

/**
 * Why the state of this path is not at another one, in a sentence with what to do; undefined: it is (same installation, whole).
 * @param usesSqlite whether the database must lie there too.
 */
export function whyNotThere(layout: Layout, root: string, usesSqlite: boolean): string | undefined {
  const there = layoutOf(root)
  const own = readPathInstallation(layout)?.installationId
  const other = readPathInstallation(there)?.installationId
  const move = `\`skykeep state move ${root}\` takes the state there; or set persistent_path back`
  if (other === undefined) return `config.yaml names ${root}, which holds no state of Skykeep: ${move}`
  if (other !== own)
    return `config.yaml names ${root}, which belongs to another installation (${other}): set it back`
  if (readIncoming(there) !== undefined) return `config.yaml names ${root}, which is not whole yet`
  const moved = readMoved(there)
  if (moved !== undefined) return `config.yaml names ${root}, whose state was moved to ${moved.to}: name that`
  if (usesSqlite && !existsSync(there.stateDb))
    return `config.yaml names ${root}, which holds no database: ${move}`
  return undefined
}
