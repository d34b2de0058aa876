import { readFileSync } from 'node:fs'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { formatProblems } from '@skykeep/spec/format-problem'
import { parseServiceYaml } from '@skykeep/spec/parse-service-yaml'
import type { CliEnv } from '../env.ts'
import { readTlsFiles, type TlsFiles } from './tls-files.ts'
import { resolveWorkdir, uploadWorkdir } from './upload-workdir.ts'
import type { Session } from './session.ts'
import { readEnvFile, readVariables } from './variables.ts'

export interface ServiceFileOptions {
  readonly name?: string
  readonly env?: readonly string[]
  readonly envFile?: string
  readonly secret?: readonly string[]
}

/** A service YAML that parsed, with everything that the API wants of it. */
export interface CheckedFile {
  readonly yaml: string
  readonly name: string
  readonly envs: Readonly<Record<string, string>>
  readonly secrets: Readonly<Record<string, string>>
  readonly workdir: string | undefined
  readonly tls: TlsFiles | undefined
}

/** Reads and checks the file here, before anything is asked of a plane. Throws INVALID_INPUT with every problem. */
export function checkFile(env: CliEnv, file: string, options: ServiceFileOptions): CheckedFile {
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
  const caller = { cwd: env.cwd, home: env.home, yamlDir: path.dirname(path.resolve(env.cwd, file)) }
  const workdir =
    result.workdir === undefined ? undefined : resolveWorkdir({ ...caller, written: result.workdir })
  const { tls } = result.spec.service
  return {
    yaml,
    name: result.spec.name,
    envs,
    secrets,
    workdir,
    tls: tls === undefined ? undefined : readTlsFiles(tls, caller),
  }
}

/** What the API is sent of a checked file; sends the working folder first. */
export async function sentFile(
  session: Session,
  file: CheckedFile,
): Promise<Pick<CheckedFile, 'yaml' | 'envs' | 'secrets'> & { uploadId?: string; tls?: TlsFiles }> {
  const { yaml, envs, secrets, workdir, tls } = file
  const uploadId = workdir === undefined ? undefined : await uploadWorkdir(session, workdir)
  return {
    yaml,
    envs,
    secrets,
    ...(uploadId === undefined ? {} : { uploadId }),
    ...(tls === undefined ? {} : { tls }),
  }
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
