import { existsSync } from 'node:fs'
import { isLockHeld, readHolder } from '@skykeep/persistent-path/instance-lock'
import type { Layout } from '@skykeep/persistent-path/layout'
import { readMoved } from '@skykeep/persistent-path/path-state'
import { isProcessAlive } from '@skykeep/persistent-path/process-identity'
import type { ResolvedPath } from '@skykeep/persistent-path/resolve'
import { listProcessRecords, type ProcessRecord } from '@skykeep/persistent-path/runtime-files'

/** The answer to `skykeep state where`: which path, why this one, and who uses it. */
export interface Whereabouts {
  readonly persistentPath: string
  /** SKYPILOT_PERSISTENT_PATH, `persistent_path in FILE`, or `default`. */
  readonly origin: string
  readonly configFile: string
  readonly isConfigFilePresent: boolean
  readonly isPathPresent: boolean
  /** Where the state went; null: it is here. */
  readonly movedTo: string | null
  /** Without user and password. */
  readonly database: string
  /** The control plane that holds the path; null when none does. */
  readonly holder: { readonly pid: number; readonly hostname: string } | null
  /** Our own processes that live on it. */
  readonly processes: readonly { readonly name: string; readonly pid: number; readonly port?: number }[]
}

/** Reads only. Never call it in the process that holds the instance lock. Throws STORAGE_DEGRADED when the path cannot be read. */
export function whereIs(resolved: ResolvedPath, layout: Layout): Whereabouts {
  const holder = isLockHeld(layout) ? readHolder(layout) : undefined
  const living = listProcessRecords(layout).filter((record) => isProcessAlive(record))
  return {
    persistentPath: resolved.path,
    origin: resolved.origin,
    configFile: resolved.configFile,
    isConfigFilePresent: existsSync(resolved.configFile),
    isPathPresent: existsSync(resolved.path),
    movedTo: readMoved(layout)?.to ?? null,
    database: redactUrl(resolved.config.databaseUrl ?? `file:${layout.stateDb}`),
    holder: holder === undefined ? null : { pid: holder.pid, hostname: holder.hostname },
    processes: living.map(viewOf),
  }
}

function viewOf({ name, pid, port }: ProcessRecord): Whereabouts['processes'][number] {
  return port === undefined ? { name, pid } : { name, pid, port }
}

/** A database URL without what is secret in it: the password, and every parameter. */
export function redactUrl(url: string): string {
  if (url.startsWith('file:')) return url
  try {
    const { protocol, hostname, port, pathname } = new URL(url)
    return `${protocol}//${hostname}${port === '' ? '' : `:${port}`}${pathname}`
  } catch {
    return '(not a URL)'
  }
}
