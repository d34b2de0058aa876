import { createTwoFilesPatch, FILE_HEADERS_ONLY } from 'diff'
import type { DiffView } from '@skykeep/core/views'
import { changesOf } from './spec-changes.ts'
import { isSameVersion, type VersionContent } from './version-content.ts'

export interface DiffSides {
  readonly from: { readonly content: VersionContent; readonly version: number }
  readonly to: { readonly content: VersionContent; readonly title: string }
}

/** What is different between two versions: by the meaning of each, and their YAML as text. Secrets stay blanked. */
export async function diffVersions({
  from,
  to,
}: DiffSides): Promise<Pick<DiffView, 'fromVersion' | 'isDifferent' | 'changes' | 'yaml'>> {
  const isDifferent = !(await isSameVersion(from.content, to.content))
  const title = `version ${from.version}`
  const isSameText = from.content.yaml === to.content.yaml
  return {
    fromVersion: from.version,
    isDifferent,
    changes: isDifferent ? await changesOf(from.content, to.content) : [],
    yaml: isSameText
      ? ''
      : createTwoFilesPatch(title, to.title, from.content.yaml, to.content.yaml, undefined, undefined, {
          context: 3,
          headerOptions: FILE_HEADERS_ONLY,
        }),
  }
}
