import type { VersionDiffView } from '@skykeep/core/views'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { diffVersions } from '../versions/diff-versions.ts'
import { storedContent } from '../versions/version-content.ts'
import { livingService } from './living-service.ts'
import { versionOf } from './rollback-target.ts'
import type { CompareVersionsInput } from './schemas.ts'

/** What is different between two versions of a living service. Throws NOT_FOUND, KEY_MISSING where secrets cannot be compared. */
export async function compareVersions(
  context: ActionContext,
  input: CompareVersionsInput,
): Promise<VersionDiffView> {
  authorize(context.actor, 'service:read')
  const { db } = context
  const service = await livingService(context, db, input.name)
  const versions = await listServiceVersions(db, service.uid)
  const from = versionOf(service, versions, input.from)
  const to = versionOf(service, versions, input.to)
  const diff = await diffVersions({
    from: { content: await storedContent(context, from), version: from.version },
    to: { content: await storedContent(context, to), title: `version ${to.version}` },
  })
  return { ...diff, toVersion: to.version, keepsReplicas: from.taskVersion === to.taskVersion }
}
