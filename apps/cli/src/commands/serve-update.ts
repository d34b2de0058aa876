import type { UpdateMode } from '@skykeep/core/service-spec'
import type { DiffView, UpdateResult } from '@skykeep/core/views'
import { seeThrough } from '../client/see-through.ts'
import { sentFile, type CheckedFile, type ServiceFileOptions } from '../client/service-file.ts'
import type { Session } from '../client/session.ts'
import { showDiff } from '../output/version-diff.ts'
import { exitCodes } from './failure.ts'

/** How a rollout goes, as options say it; what is not said is the YAML's. */
export interface RolloutOptions {
  readonly mode?: UpdateMode
  readonly maxSurge?: number
  readonly minReady?: number
  readonly deadline?: number
  /** False for `--no-rollback`. */
  readonly rollback?: boolean
  readonly canarySteps?: readonly number[]
  /** Seconds that each step of a canary lasts. */
  readonly bake?: number
  readonly json?: boolean
  readonly async?: boolean
}

export interface ServeUpdateOptions extends RolloutOptions, Omit<ServiceFileOptions, 'name'> {
  readonly diffOnly?: boolean
  readonly yes?: boolean
}

/** The part of a request that says how the rollout goes. */
export function policyOf(options: RolloutOptions) {
  const { mode, maxSurge, minReady, deadline, rollback, canarySteps, bake } = options
  const canary = {
    ...(canarySteps === undefined ? {} : { stepPercents: [...canarySteps] }),
    ...(bake === undefined ? {} : { bakeSeconds: bake }),
  }
  const policy = {
    ...(mode === undefined ? {} : { mode }),
    ...(maxSurge === undefined ? {} : { maxSurge }),
    ...(minReady === undefined ? {} : { minReadySeconds: minReady }),
    ...(deadline === undefined ? {} : { progressDeadlineSeconds: deadline }),
    ...(rollback === false ? { isAutomaticRollback: false } : {}),
    ...(Object.keys(canary).length === 0 ? {} : { canary }),
  }
  return Object.keys(policy).length === 0 ? {} : { policy }
}

/** `skykeep serve update NAME FILE`: shows what is different, asks, and follows the rollout. Returns the exit code. */
export async function serveUpdate(
  session: Session,
  { name, file }: { readonly name: string; readonly file: CheckedFile },
  options: ServeUpdateOptions,
): Promise<number> {
  const { api, terminal } = session
  const asked = { ...(await sentFile(session, file)), ...policyOf(options), name }
  const diff = await api.services.diff.mutate({ ...asked, isUploadKept: options.diffOnly !== true })
  if (options.diffOnly === true) {
    if (options.json === true) terminal.json(diff)
    else showDiff(terminal, name, diff)
    return exitCodes.ok
  }
  if (options.json !== true && diff.isDifferent) showDiff(terminal, name, diff)
  if (diff.isDifferent && !(await isWanted(session, { name, diff, options }))) {
    terminal.note('nothing was changed')
    return exitCodes.failed
  }
  return await showRollout(session, await api.services.update.mutate(asked), options)
}

async function isWanted(
  { env, terminal }: Session,
  asked: { readonly name: string; readonly diff: DiffView; readonly options: ServeUpdateOptions },
): Promise<boolean> {
  if (asked.options.yes === true || !env.isInteractive) return true
  return await terminal.confirm(`Update ${asked.name}?`)
}

/** Follows what an update or a rollback started, to its end. Returns the exit code. */
export async function showRollout(
  session: Session,
  result: UpdateResult,
  options: RolloutOptions,
): Promise<number> {
  const { terminal } = session
  const { operationUid, name, fromVersion, toVersion, mode, note } = result
  // Of an update it was said with what is different.
  if (note !== null && operationUid === null) terminal.note(note)
  const way = `version ${fromVersion} to ${toVersion}, ${mode.replace('_', '-')}`
  if (operationUid !== null && options.async !== true) {
    terminal.note(`rollout ${name}  ${way}  ${operationUid}`)
    await seeThrough(session, {
      operationUid,
      name,
      what: `the rollout of ${name}`,
      takeBack: `to hold it: \`skykeep serve rollout ${name} --hold\`; to cancel it: \`skykeep ops cancel ${operationUid}\``,
      hint: () => whatToDo(session, name, toVersion),
    })
  }
  if (options.json === true) terminal.json(result)
  else if (operationUid !== null)
    terminal.print(
      options.async === true ? `asked  ${name}  ${way}  (${operationUid})` : `updated  ${name}  ${way}`,
    )
  return exitCodes.ok
}

/** After a rollout that failed: the log that says most is that of the version's newest replica. */
async function whatToDo({ api }: Session, name: string, version: number): Promise<string> {
  const service = await api.services.get.query({ name }).catch(() => undefined)
  const ids = (service?.replicas ?? []).filter((replica) => replica.version === version).map(({ id }) => id)
  const log =
    ids.length === 0
      ? `\`skykeep serve history ${name}\``
      : `\`skykeep serve logs ${name} ${Math.max(...ids)}\``
  return `See why with ${log}; what answered before goes on answering.`
}
