import { chmodSync, readFileSync, statSync } from 'node:fs'
import { parseDocument } from 'yaml'
import { writeFileAtomic } from './atomic-file.ts'

/** Writes another `persistent_path` into a config.yaml that has one; comments and everything else stay. Throws the file system's error. */
export function rewritePersistentPath(configFile: string, root: string): void {
  const document = parseDocument(readFileSync(configFile, 'utf8'))
  document.set('persistent_path', root)
  const mode = statSync(configFile).mode & 0o777
  writeFileAtomic(configFile, document.toString(), { mode })
  // Whoever could read it still can, whatever the umask.
  chmodSync(configFile, mode)
}
