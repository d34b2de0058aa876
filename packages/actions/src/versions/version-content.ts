import { readFile } from 'node:fs/promises'
import { join } from 'node:path'
import { isDeepStrictEqual } from 'node:util'
import type { ServiceVersion } from '@skykeep/core/nouns'
import type { ServiceSpec } from '@skykeep/core/service-spec'
import type { ActionServices } from '../context.ts'
import { contentHash } from './content-hash.ts'
import { tlsFingerprints, type TlsFiles } from './tls-files.ts'
import { openSecrets } from './version-secrets.ts'

/** Everything that makes one version what it is, to be compared with another. */
export interface VersionContent {
  /** As stored: JSON and nothing else. */
  readonly spec: ServiceSpec
  readonly yaml: string
  /** Of the working folder; empty for an empty one. */
  readonly contentHash: string
  readonly tls: ReturnType<typeof tlsFingerprints> | null
  /** Values by name. Never shown. Throws KEY_MISSING. */
  secrets(): Promise<Readonly<Record<string, string>>>
}

/** The content of a version that exists. */
export async function storedContent(
  context: Pick<ActionServices, 'db' | 'keyRing' | 'paths'>,
  stored: ServiceVersion,
): Promise<VersionContent> {
  const folder = context.paths.versionDir(stored.serviceUid, stored.version)
  let opened: Promise<Readonly<Record<string, string>>> | undefined
  return {
    spec: stored.spec,
    yaml: stored.yaml,
    contentHash: await storedHash(stored, folder),
    tls: stored.spec.service.tls === undefined ? null : await storedTls(folder),
    secrets: () => (opened ??= openSecrets(context, stored)),
  }
}

/** Versions of an older program have no hash in their row: it is made of their folder. */
async function storedHash({ contentHash: hash, spec }: ServiceVersion, folder: string): Promise<string> {
  if (hash !== '' || spec.task.workdir === undefined) return hash
  return await contentHash(join(folder, 'workdir')).catch(() => `gone with ${folder}`)
}

async function storedTls(folder: string): Promise<VersionContent['tls']> {
  const read = (name: string): Promise<string> => readFile(join(folder, 'tls', name), 'utf8')
  try {
    const files: TlsFiles = { certificate: await read('cert.pem'), key: await read('key.pem') }
    return tlsFingerprints(files)
  } catch {
    // Removed with the folder: then they equal no others.
    const gone = `gone with ${folder}`
    return { certificate: gone, key: gone }
  }
}

/** The spec as a row gives it back. */
export function asStored(spec: ServiceSpec): ServiceSpec {
  // What goes into the row is JSON of this very type.
  return JSON.parse(JSON.stringify(spec)) as ServiceSpec
}

/** True when a person would see no difference: where the working folder lay does not count, what is in it does. */
export async function isSameVersion(a: VersionContent, b: VersionContent): Promise<boolean> {
  return (
    isDeepStrictEqual(withoutPlace(a.spec), withoutPlace(b.spec)) &&
    isDeepStrictEqual(a.tls, b.tls) &&
    a.contentHash === b.contentHash &&
    (await hasSameSecrets(a, b))
  )
}

function withoutPlace({ task, ...spec }: ServiceSpec): unknown {
  const { workdir: _workdir, ...rest } = task
  return { ...spec, task: rest }
}

/** True when their replicas are interchangeable: the same command, variables, secrets, resources, port and files. */
export async function isSameTask(a: VersionContent, b: VersionContent): Promise<boolean> {
  return (
    isDeepStrictEqual(taskOf(a), taskOf(b)) && a.contentHash === b.contentHash && (await hasSameSecrets(a, b))
  )
}

function taskOf({ spec }: VersionContent): unknown {
  const { run, setup, envs, resources } = spec.task
  return { run, setup, envs, resources, port: portRuleOf(spec) }
}

/** Which of its opened ports a replica is served by changes while it runs; any other port is one that it was started with. */
export function portRuleOf({ task, service }: ServiceSpec): number | 'opened' | undefined {
  const { replicaPort } = service
  return replicaPort !== undefined && task.resources.ports.includes(replicaPort) ? 'opened' : replicaPort
}

async function hasSameSecrets(a: VersionContent, b: VersionContent): Promise<boolean> {
  const names = (content: VersionContent): readonly string[] => content.spec.task.secretNames.toSorted()
  if (!isDeepStrictEqual(names(a), names(b))) return false
  if (names(a).length === 0) return true
  return isDeepStrictEqual(await a.secrets(), await b.secrets())
}
