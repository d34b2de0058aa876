import { rm } from 'node:fs/promises'
import { isDeepStrictEqual } from 'node:util'
import { isSkykeepError, SkykeepError } from '@skykeep/core/errors'
import type { Service } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { UpResult } from '@skykeep/core/views'
import { firstFreePort, getEndpoint, insertEndpoint } from '@skykeep/db/endpoints'
import { insertOperation } from '@skykeep/db/operations'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets, insertServiceSecrets } from '@skykeep/db/service-secrets'
import { getServiceVersion, insertServiceVersion } from '@skykeep/db/service-versions'
import { findService, insertService } from '@skykeep/db/services'
import { decryptSecret, encryptSecret } from '@skykeep/secrets/cipher'
import { parseServiceYaml, type ParsedService } from '@skykeep/spec/parse-service-yaml'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { uploadFile } from '../uploads/upload-file.ts'
import { parseInputOf } from './check-service.ts'
import { InvalidSpecError } from './invalid-spec-error.ts'
import type { UpServiceInput } from './schemas.ts'
import { toEndpointView } from './service-view.ts'
import { placeVersion } from './version-folder.ts'

const firstVersion = 1

/**
 * Brings a service up: its first version on disk, then service, version, secrets, endpoint port and operation in one transaction.
 * The same YAML as a living service runs with returns that one. Throws INVALID_INPUT (with the problems), ALREADY_EXISTS for another
 * YAML, CONFLICT while one of that name is shut down, KEY_MISSING, STORAGE_DEGRADED, FENCED.
 */
export async function upService(context: ActionContext, input: UpServiceInput): Promise<UpResult> {
  authorize(context.actor, 'service:write')
  const parsed = parseServiceYaml(input.yaml, parseInputOf(input))
  if (!parsed.ok) throw new InvalidSpecError(parsed.problems)
  const running = await alreadyRunning(context, parsed)
  if (running !== null) return running
  const upload = uploadOf(context, parsed, input.uploadId)
  const created = await create(context, parsed, upload).catch(async (error: unknown) => {
    // Somebody else was faster: what they brought up decides.
    const theirs = isSkykeepError(error, 'ALREADY_EXISTS') ? await alreadyRunning(context, parsed) : null
    if (theirs === null) throw error
    return theirs
  })
  if (upload !== null) await rm(upload, { force: true })
  return created
}

async function create(
  context: ActionContext,
  parsed: ParsedService,
  upload: string | null,
): Promise<UpResult> {
  const { ids, actor, workspace, fence } = context
  const serviceUid = ids.uid('svc')
  const operationUid = ids.uid('op')
  const spec = specOf(parsed)
  const { name } = spec
  const ciphertexts = encrypted(context, serviceUid, parsed.secrets)
  const placed = await placeVersion(
    context.paths,
    { serviceUid, version: firstVersion, yaml: parsed.redactedYaml, uploadFile: upload },
    context.uploadLimits,
  )
  const because = { cause: operationUid, actor: actor.userUid }
  const held = await heldPorts(context)
  try {
    const endpoint = await context.db.transaction(
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
          uid: ids.uid('ver'),
          serviceUid,
          version: firstVersion,
          spec,
          yaml: parsed.redactedYaml,
          createdBy: actor.userUid,
        })
        await insertServiceSecrets(tx, { serviceUid, version: firstVersion }, ciphertexts)
        await insertOperation(tx, {
          uid: operationUid,
          workspace,
          verb: 'serve.up',
          targetKind: 'service',
          targetUid: serviceUid,
          targetName: name,
          requestedBy: actor.userUid,
        })
        return await insertEndpoint(tx, {
          ...because,
          service: { uid: serviceUid, name },
          host: context.endpointHost,
          held,
        })
      },
      { fence },
    )
    await placed.keep()
    return { operationUid, serviceUid, name, endpointUrl: toEndpointView(endpoint).url, note: null }
  } catch (error) {
    await discardUnlessWritten(context, serviceUid, placed.discard)
    throw error
  }
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

/** A commit whose answer was lost has happened: the folder of a version that has a row is never removed. */
async function discardUnlessWritten(
  context: ActionContext,
  serviceUid: string,
  discard: () => Promise<void>,
): Promise<void> {
  const isWritten = await getServiceVersion(context.db, serviceUid, firstVersion).then(
    () => true,
    // Unknown counts as written: the intent stays, and the sweep of the next start decides.
    (error: unknown) => !isSkykeepError(error, 'NOT_FOUND'),
  )
  if (!isWritten) await discard().catch(() => undefined)
}

/** The living service of that name when it runs the same; null when there is none; throws when it runs something else. */
async function alreadyRunning(context: ActionContext, parsed: ParsedService): Promise<UpResult | null> {
  const { name } = parsed.spec
  const service = await findService(context.db, context.workspace, name)
  if (service === null) return null
  if (service.deletionRequestedAtMs !== null) {
    throw new SkykeepError('CONFLICT', `service ${name} is being shut down`, {
      userMessage: `A service named ${name} is still being shut down.`,
      hint: `Wait until \`skykeep serve status ${name}\` no longer shows it, then run the same command again.`,
    })
  }
  if (!(await runsTheSame(context, service, parsed))) {
    throw new SkykeepError('ALREADY_EXISTS', `service ${name} runs another YAML`, {
      userMessage: `A service named ${name} is running with a different YAML.`,
      hint: `Run \`skykeep serve down ${name}\` first, or give this one another name.`,
    })
  }
  const endpoint = await getEndpoint(context.db, service.uid)
  return {
    operationUid: null,
    serviceUid: service.uid,
    name,
    endpointUrl: toEndpointView(endpoint).url,
    note:
      parsed.workdir === undefined
        ? `${name} is running with this YAML already; nothing was changed.`
        : `${name} is running with this YAML already; nothing was changed, and its working folder was not compared.`,
  }
}

async function runsTheSame(
  context: ActionContext,
  service: Service,
  parsed: ParsedService,
): Promise<boolean> {
  const version = await getServiceVersion(context.db, service.uid, service.desiredVersion)
  if (!isDeepStrictEqual(version.spec, asStored(specOf(parsed)))) return false
  const stored = await getServiceSecrets(context.db, service.uid, service.desiredVersion)
  return Object.entries(parsed.secrets).every(([name, value]) => {
    const ciphertext = stored[name]
    if (ciphertext === undefined) return false
    return (
      decryptSecret(context.keyRing(), ciphertext, serviceSecretPlace(service.uid, version.version, name)) ===
      value
    )
  })
}

function specOf({ spec, workdir }: ParsedService): ServiceSpec {
  return workdir === undefined ? spec : { ...spec, task: { ...spec.task, workdir } }
}

function asStored(spec: ServiceSpec): unknown {
  return JSON.parse(JSON.stringify(spec))
}

function encrypted(
  context: ActionContext,
  serviceUid: string,
  secrets: Readonly<Record<string, string>>,
): Record<string, string> {
  return Object.fromEntries(
    Object.entries(secrets).map(([name, value]) => [
      name,
      encryptSecret(context.keyRing(), value, serviceSecretPlace(serviceUid, firstVersion, name)),
    ]),
  )
}

/** The upload that holds the working folder; null when the YAML names none. */
function uploadOf(
  context: ActionContext,
  parsed: ParsedService,
  uploadId: string | undefined,
): string | null {
  if (parsed.workdir === undefined) return null
  if (uploadId !== undefined) return uploadFile(context.paths.uploadsDir, context.actor.userUid, uploadId)
  throw new SkykeepError('INVALID_INPUT', 'workdir without an upload', {
    userMessage: `The YAML names the working folder ${parsed.workdir}, which was not sent along.`,
    hint: 'Bring it up with `skykeep serve up FILE` on the machine that has the folder.',
  })
}
