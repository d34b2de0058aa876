import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { formatProblems } from '@skykeep/spec/format-problem'
import { parseServiceYaml } from '@skykeep/spec/parse-service-yaml'
import { followOperation, troubleLines, untilEndpointAnswers } from '../client/follow-service.ts'
import type { Session } from '../client/session.ts'
import { resolveWorkdir, uploadWorkdir } from '../client/upload-workdir.ts'
import type { CliEnv } from '../env.ts'
import { AskedFailed, asTyped, exitCodes } from './failure.ts'
import { readEnvFile, readVariables } from './variables.ts'

export interface ServeUpOptions {
  readonly name?: string
  readonly env?: readonly string[]
  readonly envFile?: string
  readonly secret?: readonly string[]
  readonly json?: boolean
  /** Return as soon as the request is on disk. */
  readonly async?: boolean
  /** This process is the control plane too: Ctrl-C is the supervisor's. */
  readonly isInSupervisor?: boolean
}

/** A service YAML that parsed, with everything that the API wants of it. */
export interface CheckedFile {
  readonly yaml: string
  readonly name: string
  readonly envs: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly workdir: string | undefined
}

/** Reads and checks the file here, before anything is asked of a plane. Throws INVALID_INPUT with every problem. */
export function checkFile(env: CliEnv, file: string, options: ServeUpOptions): CheckedFile {
  const yaml = readYaml(file)
  const fromFile = options.envFile === undefined ? {} : readEnvFile(options.envFile)
  const envs = { ...fromFile, ...readVariables('--env', options.env ?? [], env.all) }
  const secrets = readVariables('--secret', options.secret ?? [], env.all)
  const result = parseServiceYaml(yaml, {
    file,
    envs,
    secrets,
    ...(options.name === undefined ? {} : { name: options.name }),
  })
  if (!result.ok) {
    throw new SkykeepError('INVALID_INPUT', `${file} cannot be served as it is`, {
      userMessage: `${file} cannot be served as it is:\n${formatProblems(result.problems, file)}`,
      hint: 'Nothing was started or changed.',
    })
  }
  for (const warning of result.warnings) process.stderr.write(`${formatProblems([warning], file)}\n`)
  const workdir =
    result.workdir === undefined
      ? undefined
      : resolveWorkdir({
          written: result.workdir,
          cwd: env.cwd,
          home: env.home,
          yamlDir: path.dirname(path.resolve(env.cwd, file)),
        })
  return { yaml, name: result.spec.name, envs, secrets, workdir }
}

const reasons: Readonly<Record<string, string>> = {
  ENOENT: 'no such file',
  EISDIR: 'is a folder, not a service YAML',
  EACCES: 'may not be read by you (EACCES)',
}

function readYaml(file: string): string {
  try {
    return readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    throw new SkykeepError('INVALID_INPUT', `${file}: ${reasons[code] ?? `cannot be read (${code})`}`, {
      hint: 'Name a service YAML, for example examples/hello/service.yaml.',
      cause,
    })
  }
}

/** `skykeep serve up FILE`: asks for the service and shows its way until it answers. Returns the exit code. */
export async function serveUp(session: Session, file: CheckedFile, options: ServeUpOptions): Promise<number> {
  const { terminal, api } = session
  const uploadId = file.workdir === undefined ? undefined : await uploadWorkdir(session, file.workdir)
  const result = await api.services.up.mutate({
    yaml: file.yaml,
    envs: file.envs,
    secrets: file.secrets,
    name: file.name,
    ...(uploadId === undefined ? {} : { uploadId }),
  })
  if (options.async === true) {
    if (options.json === true) terminal.json(result)
    else
      terminal.print(`asked  ${result.name}  ${result.endpointUrl}  (${result.operationUid ?? 'up already'})`)
    return exitCodes.ok
  }
  if (result.operationUid === null) terminal.note(`serve   ${result.name}  is up already, with the same YAML`)
  else await untilUp(session, result.operationUid, { name: result.name, ...options })
  const isAnswering = await isReachable(session, result)
  if (options.json === true) terminal.json(result)
  else terminal.print(`${isAnswering ? 'ready' : 'up'}  ${result.name}  ${result.endpointUrl}`)
  return exitCodes.ok
}

/** Whether the endpoint answers; where it does not, the person is told why. An answer on a blocked port is another program's. */
async function isReachable(
  session: Session,
  { name, endpointUrl }: { readonly name: string; readonly endpointUrl: string },
): Promise<boolean> {
  const before = await session.api.services.get.query({ name })
  const isBlocked = before.endpoint?.status === 'BLOCKED'
  if (!isBlocked && (await untilEndpointAnswers(endpointUrl))) return true
  const service = isBlocked ? before : await session.api.services.get.query({ name })
  const trouble = troubleLines(session, service)
  for (const line of trouble) session.terminal.note(line)
  if (trouble.length === 0)
    session.terminal.note(`  ${endpointUrl} does not answer yet: ${service.statusReason || service.status}`)
  return false
}

async function untilUp(
  session: Session,
  operationUid: string,
  { name, isInSupervisor }: { readonly name: string; readonly isInSupervisor?: boolean },
): Promise<void> {
  session.terminal.note(`serve   ${name}  ${operationUid}`)
  const takeBack = isInSupervisor === true ? () => undefined : noteOnInterrupt(session, name)
  const operation = await followOperation(session, operationUid, name)
  takeBack()
  if (operation.status === 'SUCCEEDED') return
  const ended = await lastEnded(session, name)
  throw new AskedFailed(
    `${name}: ${operation.statusReason}`,
    `See why with \`skykeep serve logs ${name}${ended === undefined ? '' : ` ${ended}`}\`; Skykeep keeps trying until \`skykeep serve down ${name}\`.`,
  )
}

/** The replica whose log says most: the newest one that ended. */
async function lastEnded(session: Session, name: string): Promise<number | undefined> {
  const service = await session.api.services.get.query({ name }).catch(() => undefined)
  const ids = service?.replicas.flatMap(({ id, outcome }) => (outcome === null ? [] : [id])) ?? []
  return ids.length === 0 ? undefined : Math.max(...ids)
}

/** Ctrl-C while waiting ends the waiting only. Returns what takes the note back. */
function noteOnInterrupt({ terminal }: Session, name: string): () => void {
  const onInterrupt = (): void => {
    terminal.note(
      asTyped(`\nstopped waiting; ${name} goes on starting. See \`skykeep serve status ${name}\`.`),
    )
    process.exit(exitCodes.interrupted)
  }
  process.once('SIGINT', onInterrupt)
  return () => void process.off('SIGINT', onInterrupt)
}
