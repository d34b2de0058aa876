import { SkykeepError } from '@skykeep/core/errors'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { ParsedService } from '@skykeep/spec/parse-service-yaml'
import type { ActionContext } from '../context.ts'
import { uploadFile } from '../uploads/upload-file.ts'
import { checkTokenKeys } from './token-keys.ts'
import { checkTlsFiles, tlsFingerprints, type TlsFiles } from './tls-files.ts'
import { asStored, type VersionContent } from './version-content.ts'
import { stageVersion, type StagedVersion } from './version-folder.ts'

/** A version that is checked and lies on disk, and has no row and no number yet. */
export interface PreparedVersion {
  /** Of the row that it is to get. */
  readonly uid: string
  readonly spec: ServiceSpec
  /** Values by name, to be sealed for the number that it gets. */
  readonly secrets: Readonly<Record<string, string>>
  readonly content: VersionContent
  readonly staged: StagedVersion
  /** The packed working folder, to be removed once the version is kept; null without one. */
  readonly uploadFile: string | null
  /** What a person should know, such as a certificate that has expired. */
  readonly warnings: readonly string[]
}

export interface VersionFiles {
  readonly uploadId?: string | undefined
  readonly tls?: TlsFiles | undefined
  /** Folder of the version whose working folder is kept where none is sent along. */
  readonly workdirFrom?: string
}

/**
 * Checks everything that a YAML brings with it and stages the version. The caller places or discards it. Throws INVALID_INPUT (files that
 * are missing or of no use), STORAGE_DEGRADED.
 */
export async function prepareVersion(
  context: ActionContext,
  parsed: ParsedService,
  files: VersionFiles,
): Promise<PreparedVersion> {
  const spec = asStored(specOf(parsed))
  const upload = uploadOf(context, parsed, files)
  checkTokenKeys(spec.service.access?.tokens?.publicKeys ?? [])
  const tls = tlsOf(spec, files.tls)
  const warnings = tls === null ? [] : checkTlsFiles(tls, context.clock.now())
  const uid = context.ids.uid('ver')
  const kept = parsed.workdir === undefined ? undefined : files.workdirFrom
  const source = {
    uid,
    yaml: parsed.redactedYaml,
    uploadFile: upload,
    tls,
    ...(kept === undefined ? {} : { workdirFrom: kept }),
  }
  const staged = await stageVersion(context.paths, source, context.uploadLimits)
  const content: VersionContent = {
    spec,
    yaml: parsed.redactedYaml,
    contentHash: staged.contentHash,
    tls: tls === null ? null : tlsFingerprints(tls),
    secrets: () => Promise.resolve(parsed.secrets),
  }
  return { uid, spec, secrets: parsed.secrets, content, staged, uploadFile: upload, warnings }
}

function specOf({ spec, workdir }: ParsedService): ServiceSpec {
  return workdir === undefined ? spec : { ...spec, task: { ...spec.task, workdir } }
}

/** The upload that holds the working folder; null when the YAML names none, or the one of another version is kept. */
function uploadOf(
  context: ActionContext,
  parsed: ParsedService,
  { uploadId, workdirFrom }: VersionFiles,
): string | null {
  if (parsed.workdir === undefined) return null
  if (uploadId === undefined && workdirFrom !== undefined) return null
  if (uploadId !== undefined) return uploadFile(context.paths.uploadsDir, context.actor.userUid, uploadId)
  throw new SkykeepError('INVALID_INPUT', 'workdir without an upload', {
    userMessage: `The YAML names the working folder ${parsed.workdir}, which was not sent along.`,
    hint: 'Use the command line (`skykeep serve up FILE`, `skykeep serve update NAME FILE`) on the machine that has the folder.',
  })
}

function tlsOf(spec: ServiceSpec, tls: TlsFiles | undefined): TlsFiles | null {
  const named = spec.service.tls
  if (named === undefined && tls === undefined) return null
  if (named !== undefined && tls !== undefined) return tls
  if (named === undefined) {
    throw new SkykeepError('INVALID_INPUT', 'TLS files without service.tls', {
      userMessage: 'TLS files were sent along, and the YAML has no `service.tls`.',
      hint: 'Write `tls:` with `certfile` and `keyfile` under `service`, or leave the files away.',
    })
  }
  throw new SkykeepError('INVALID_INPUT', 'service.tls without the files', {
    userMessage: `The YAML names the TLS files ${named.certFile} and ${named.keyFile}, which were not sent along.`,
    hint: 'Use the command line on the machine that has the files.',
  })
}
