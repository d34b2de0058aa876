import { SkykeepError } from '@skykeep/core/errors'
import type { Replica, Service, ServiceVersion } from '@skykeep/core/nouns'
import type { UpdatePolicy } from '@skykeep/core/service-spec'
import type { DiffView } from '@skykeep/core/views'
import { listReplicas } from '@skykeep/db/replicas'
import { findRunningRollout } from '@skykeep/db/rollouts'
import { listServiceVersions } from '@skykeep/db/service-versions'
import { parseServiceYaml, type ParsedService } from '@skykeep/spec/parse-service-yaml'
import type { ActionContext } from '../context.ts'
import { baseVersionOf } from '../versions/base-version.ts'
import { diffVersions } from '../versions/diff-versions.ts'
import { prepareVersion, type PreparedVersion } from '../versions/prepare-version.ts'
import { findTaskVersion } from '../versions/task-version.ts'
import { isSameTask, storedContent } from '../versions/version-content.ts'
import { parseInputOf } from './check-service.ts'
import { InvalidSpecError } from './invalid-spec-error.ts'
import type { UpdateServiceInput } from './schemas.ts'
import { serviceToChange } from './service-to-change.ts'
import { policyOf } from './update-policy.ts'

/** An update that is judged and not yet asked for. Whoever plans it places or discards what is staged. */
export interface PlannedUpdate {
  readonly service: Service
  /** All that there are, newest first. */
  readonly versions: readonly ServiceVersion[]
  readonly prepared: PreparedVersion
  /** That of an earlier version with the same task; null: the new version is the first with its task. */
  readonly taskVersion: number | null
  readonly policy: UpdatePolicy
  readonly diff: DiffView
}

/**
 * Checks everything about an update before anything is written, and says what it would do. Throws NOT_FOUND, CONFLICT (being shut down),
 * INVALID_INPUT (the YAML with its problems, another name, files), KEY_MISSING, STORAGE_DEGRADED.
 */
export async function planUpdate(context: ActionContext, input: UpdateServiceInput): Promise<PlannedUpdate> {
  const { db } = context
  const service = await serviceToChange(context, db, input.name)
  const versions = await listServiceVersions(db, service.uid)
  const base = baseVersionOf(service, versions, await findRunningRollout(db, service.uid))
  const parsed = parse(input, base)
  const policy = policyOf(parsed.spec, input.policy ?? {})
  const prepared = await prepareVersion(context, parsed, {
    ...input,
    ...(input.isWorkdirKept === true
      ? { workdirFrom: context.paths.versionDir(base.serviceUid, base.version) }
      : {}),
  })
  try {
    const stored = await storedContent(context, base)
    const seen = await diffVersions({
      from: { content: stored, version: base.version },
      to: { content: prepared.content, title: 'the new version' },
    })
    const taskVersion = await findTaskVersion(context, versions, prepared.content)
    const living = (await listReplicas(db, { serviceUid: service.uid, limit: 500 })).items.filter(isServing)
    const taskOf = new Map(versions.map((version) => [version.version, version.taskVersion]))
    const kept = living.filter(
      ({ version }) => taskVersion !== null && taskOf.get(version) === taskVersion,
    ).length
    const keepsReplicas = await isSameTask(stored, prepared.content)
    const diff: DiffView = {
      ...seen,
      keepsReplicas,
      mode: policy.mode,
      keptReplicas: kept,
      replacedReplicas: living.length - kept,
      warnings: prepared.warnings,
    }
    return { service, versions, prepared, taskVersion, policy, diff }
  } catch (error) {
    await prepared.staged.discard().catch(() => undefined)
    throw error
  }
}

function isServing({ isWanted, status }: Replica): boolean {
  return isWanted && status !== 'TERMINATED' && status !== 'SHUTTING_DOWN'
}

/** The YAML as that of this service: a name in it must be the service's own, or the one that it has had there before. */
function parse(input: UpdateServiceInput, base: ServiceVersion): ParsedService {
  const written = nameIn(input.yaml, parseInputOf(input).secrets ?? {})
  const before = nameIn(
    base.yaml,
    Object.fromEntries(base.spec.task.secretNames.map((name) => [name, '<secret>'])),
  )
  if (written !== null && written !== input.name && written !== before) {
    throw new SkykeepError('INVALID_INPUT', `the YAML is of ${written}, not of ${input.name}`, {
      userMessage: `The YAML says \`name: ${written}\`, and the service to update is ${input.name}.`,
      hint: `Update the other one with \`skykeep serve update ${written} FILE\`, or write \`name: ${input.name}\` into the YAML.`,
    })
  }
  const parsed = parseServiceYaml(input.yaml, parseInputOf(input))
  if (!parsed.ok) throw new InvalidSpecError(parsed.problems)
  return parsed
}

/** The name that a YAML gives itself; null without one, and where the YAML does not read. */
function nameIn(yaml: string, secrets: Readonly<Record<string, string>>): string | null {
  const own = parseServiceYaml(yaml, { secrets })
  return own.ok ? own.spec.name : null
}
