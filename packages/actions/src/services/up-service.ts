import { rm } from 'node:fs/promises'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { Endpoint } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { UpResult } from '@skykeep/core/views'
import { firstFreePort, getEndpoint, insertEndpoint } from '@skykeep/db/endpoints'
import { insertOperation } from '@skykeep/db/operations'
import { findRunningRollout } from '@skykeep/db/rollouts'
import { insertServiceSecrets } from '@skykeep/db/service-secrets'
import { insertServiceVersion, listServiceVersions } from '@skykeep/db/service-versions'
import { findService, insertService } from '@skykeep/db/services'
import { parseServiceYaml } from '@skykeep/spec/parse-service-yaml'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { recordAnswer } from '../idempotency/record-answer.ts'
import { baseVersionOf } from '../versions/base-version.ts'
import { discardUnlessWritten } from '../versions/discard-unless-written.ts'
import { prepareVersion, type PreparedVersion } from '../versions/prepare-version.ts'
import { changesOf } from '../versions/spec-changes.ts'
import { isSameVersion, storedContent } from '../versions/version-content.ts'
import { sealSecrets } from '../versions/version-secrets.ts'
import { bringServiceBack, broughtBackNote } from './bring-back.ts'
import { parseInputOf } from './check-service.ts'
import { InvalidSpecError } from './invalid-spec-error.ts'
import type { UpServiceInput } from './schemas.ts'
import { toEndpointView } from './service-view.ts'

const firstVersion = 1

/**
 * Brings a service up: its first version on disk, then service, version, secrets, endpoint port and operation in one transaction.
 * What a living service runs already returns that one. Throws INVALID_INPUT (with the problems), ALREADY_EXISTS for anything else under
 * its name, CONFLICT while one of that name is shut down, KEY_MISSING, STORAGE_DEGRADED, FENCED.
 */
export async function upService(context: ActionContext, input: UpServiceInput): Promise<UpResult> {
  authorize(context.actor, 'service:write')
  const parsed = parseServiceYaml(input.yaml, parseInputOf(input))
  if (!parsed.ok) throw new InvalidSpecError(parsed.problems)
  const prepared = await prepareVersion(context, parsed, input)
  try {
    const result = (await alreadyRunning(context, prepared)) ?? (await create(context, prepared))
    if (prepared.uploadFile !== null) await rm(prepared.uploadFile, { force: true })
    return result
  } finally {
    await prepared.staged.discard().catch(() => undefined)
  }
}

async function create(context: ActionContext, prepared: PreparedVersion): Promise<UpResult> {
  return await write(context, prepared).catch(async (error: unknown) => {
    // Somebody else was faster: what they brought up decides.
    const theirs = isSkykeepError(error, 'ALREADY_EXISTS') ? await alreadyRunning(context, prepared) : null
    if (theirs === null) throw error
    return theirs
  })
}

async function write(context: ActionContext, prepared: PreparedVersion): Promise<UpResult> {
  const { ids, actor, workspace, fence } = context
  const { spec, content, warnings } = prepared
  const { name } = spec
  const serviceUid = ids.uid('svc')
  const operationUid = ids.uid('op')
  const key = { serviceUid, version: firstVersion }
  const ciphertexts = sealSecrets(context, key, prepared.secrets)
  const placed = await prepared.staged.place(serviceUid, firstVersion)
  const because = { cause: operationUid, actor: actor.userUid }
  const held = await heldPorts(context)
  try {
    const result = await context.db.transaction(
      async (tx) => {
        await insertService(tx, {
          ...because,
          uid: serviceUid,
          workspace,
          name,
          createdBy: actor.userUid,
          desiredVersion: firstVersion,
          desiredReplicas: spec.service.replicas,
        })
        await insertServiceVersion(tx, {
          ...key,
          uid: prepared.uid,
          spec,
          yaml: content.yaml,
          contentHash: content.contentHash,
          createdBy: actor.userUid,
        })
        await insertServiceSecrets(tx, key, ciphertexts)
        await insertOperation(tx, {
          uid: operationUid,
          workspace,
          verb: 'serve.up',
          targetKind: 'service',
          targetUid: serviceUid,
          targetName: name,
          requestedBy: actor.userUid,
        })
        const endpoint = await insertEndpoint(tx, {
          ...because,
          service: { uid: serviceUid, name },
          host: context.endpointHost,
          held,
        })
        const note = warnings.length === 0 ? null : warnings.join(' ')
        const endpointUrl = urlOf(endpoint, spec)
        return await recordAnswer(context, tx, { operationUid, serviceUid, name, endpointUrl, note })
      },
      { fence },
    )
    await placed.keep()
    return result
  } catch (error) {
    await discardUnlessWritten(context, key, placed)
    throw error
  }
}

function urlOf(endpoint: Endpoint, { service }: ServiceSpec): string {
  return toEndpointView(endpoint, service.tls !== undefined).url
}

const heldPortsMax = 100

/** The ports from the first free one on that something else listens on: a new service starts beside it, not blocked by it. */
async function heldPorts(context: ActionContext): Promise<ReadonlySet<number>> {
  const held = new Set<number>()
  while (held.size < heldPortsMax) {
    const port = await firstFreePort(context.db, held)
    if (!(await context.isPortHeld(context.endpointHost, port))) break
    held.add(port)
  }
  return held
}

const changesShown = 3

/** The living service of that name when it runs the same; null when there is none; throws when it runs something else. */
async function alreadyRunning(context: ActionContext, prepared: PreparedVersion): Promise<UpResult | null> {
  const { name } = prepared.spec
  const service = await findService(context.db, context.workspace, name)
  if (service === null) return null
  if (service.deletionRequestedAtMs !== null) {
    throw new SkykeepError('CONFLICT', `service ${name} is being shut down`, {
      userMessage: `A service named ${name} is still being shut down.`,
      hint: `Wait until \`skykeep serve status ${name}\` no longer shows it, then run the same command again.`,
    })
  }
  const versions = await listServiceVersions(context.db, service.uid)
  const base = baseVersionOf(service, versions, await findRunningRollout(context.db, service.uid))
  const runs = await storedContent(context, base)
  if (!(await isSameVersion(runs, prepared.content))) {
    const paths = (await changesOf(runs, prepared.content)).map(({ path }) => path)
    const more = paths.length > changesShown ? ` and ${paths.length - changesShown} more` : ''
    throw new SkykeepError('ALREADY_EXISTS', `service ${name} runs another YAML`, {
      userMessage: `A service named ${name} is running with a different YAML: ${paths.slice(0, changesShown).join(', ')}${more}.`,
      hint: `Change it with \`skykeep serve update ${name} FILE\`, which shows first what is different; or give this one another name.`,
    })
  }
  const endpoint = await getEndpoint(context.db, service.uid)
  return await context.db.transaction(
    async (tx) => {
      const broughtBack = await bringServiceBack(context, tx, service)
      return await recordAnswer(context, tx, {
        operationUid: null,
        serviceUid: service.uid,
        name,
        endpointUrl: urlOf(endpoint, runs.spec),
        note:
          broughtBackNote(name, broughtBack) ??
          `${name} is running with this YAML already; nothing was changed.`,
      })
    },
    { fence: context.fence },
  )
}
