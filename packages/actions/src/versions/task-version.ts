import { isSkykeepError } from '@skykeep/core/errors'
import type { ServiceVersion } from '@skykeep/core/nouns'
import type { ActionServices } from '../context.ts'
import { isSameTask, storedContent, type VersionContent } from './version-content.ts'

/**
 * The task version of new content: that of the first kept version with an equal task, null when none has one. A version whose secrets no
 * key opens any more equals none.
 */
export async function findTaskVersion(
  context: Pick<ActionServices, 'db' | 'keyRing' | 'paths'>,
  versions: readonly ServiceVersion[],
  content: VersionContent,
): Promise<number | null> {
  for (const earlier of versions.toSorted((a, b) => a.version - b.version)) {
    if (await isEqual(await storedContent(context, earlier), content)) return earlier.taskVersion
  }
  return null
}

async function isEqual(earlier: VersionContent, content: VersionContent): Promise<boolean> {
  try {
    return await isSameTask(earlier, content)
  } catch (error) {
    if (isSkykeepError(error, 'KEY_MISSING')) return false
    throw error
  }
}
