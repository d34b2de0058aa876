import { FolderLog } from '@skykeep/logs/folder-log'
import type { LogSource } from '@skykeep/logs/log-source'
import { jobLogFolder } from '@skykeep/node-runtime/job'
import { hasCapability } from '@skykeep/provider-contract/capabilities'
import type { Provider } from '@skykeep/provider-contract/provider'

/** Folder of a job's log where its node's home is one of this machine; null elsewhere. */
export function jobLogFolderOf(provider: Provider, nodeId: string, jobId: string): string | null {
  return hasCapability(provider, 'local-homes') ? jobLogFolder(provider.homeFolderOf(nodeId), jobId) : null
}

/** The log itself. */
export function jobLogOf(provider: Provider, nodeId: string, jobId: string): LogSource | null {
  const folder = jobLogFolderOf(provider, nodeId, jobId)
  return folder === null ? null : new FolderLog(folder)
}
