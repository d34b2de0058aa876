import type { Installation } from '@skykeep/db/installation'
import type { PathInstallation } from '@skykeep/persistent-path/path-state'
import type { Check } from './check.ts'
import type { KeyNeed } from './keys/drop-old-keys.ts'

const dayMs = 86_400_000
const oldDays = 7

/** @param newestAtMs when the newest backup in backups/ was made; undefined: there is none. @param sinceMs when the installation was made. */
export function judgeBackups(newestAtMs: number | undefined, sinceMs: number, nowMs: number): Check {
  const name = 'backups'
  const fix = 'skykeep state backup (best to another disk, and each night)'
  if (newestAtMs === undefined) {
    // Whoever has just begun has nothing to lose.
    if (nowMs - sinceMs < dayMs) return { name, status: 'ok', detail: 'none yet' }
    return { name, status: 'warn', detail: 'none in backups/', fix }
  }
  const days = Math.floor((nowMs - newestAtMs) / dayMs)
  if (days < oldDays)
    return { name, status: 'ok', detail: `the newest is of ${new Date(newestAtMs).toISOString()}` }
  return { name, status: 'warn', detail: `the newest is ${days} days old`, fix }
}

/** Which keys are in use: an old one that nothing needs any more can go. */
export function judgeKeys(needs: readonly KeyNeed[]): Check {
  const name = 'key versions'
  const text = needs.map(({ version, isCurrent, secrets, backups }) => {
    const uses = [
      ...(isCurrent ? ['current'] : []),
      `${secrets} secrets`,
      ...(backups.length > 0 ? [`${backups.length} backups`] : []),
    ]
    return `v${version} (${uses.join(', ')})`
  })
  const detail = text.join(', ')
  if (needs.some(({ isCurrent, secrets }) => !isCurrent && secrets > 0)) {
    const fix = 'A rotation did not come to its end: skykeep state rotate-key'
    return { name, status: 'warn', detail, fix }
  }
  return { name, status: 'ok', detail }
}

/** Whose state it is, whether it was restored, and whether the database is the path's own. */
export function judgeInstallation(installation: Installation, path: PathInstallation | undefined): Check {
  const name = 'installation'
  const { uid, epoch, restoredAtMs, restoredFrom } = installation
  if (path !== undefined && (path.installationId !== uid || path.epoch !== epoch)) {
    return {
      name,
      status: 'fail',
      detail: `the path belongs to ${path.installationId} (epoch ${path.epoch}), its database to ${uid} (epoch ${epoch})`,
      fix: 'Correct database.url in config.yaml, or the persistent path.',
    }
  }
  if (restoredAtMs === null) return { name, status: 'ok', detail: `${uid}, epoch ${epoch}` }
  const at = new Date(restoredAtMs).toISOString()
  const detail = `${uid}, epoch ${epoch}: restored ${at} from ${restoredFrom}; what no row names is only reported, never reaped`
  return { name, status: 'ok', detail }
}
