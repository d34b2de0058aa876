import type { ServiceSpec, TlsSpec } from '@skykeep/core/service-spec'
import { readVariables } from './envs.ts'
import { ProblemList, shorten, type SpecProblem } from './problem.ts'
import { readResources } from './resources.ts'
import { createSecretGuard, mentionsSecrets } from './secret-guard.ts'
import { childField, readSection, type Field } from './section.ts'
import { readService } from './service-section.ts'
import type { Variables } from './substitute.ts'
import { readName, readScript, readWorkdir, reportMissing } from './task-section.ts'
import { readYamlDocument } from './yaml-document.ts'
import type { YamlMap } from './yaml-tree.ts'

export interface ParseInput {
  /** The service's name from the command line; wins over the file's. */
  readonly name?: string
  /** What problems call the file; `service.yaml` unless said. */
  readonly file?: string
  /** `--env NAME=VALUE`. */
  readonly envs?: Readonly<Record<string, string>>
  /** `--secret NAME=VALUE`. */
  readonly secrets?: Readonly<Record<string, string>>
}

export type ParseResult = ParsedService | { readonly ok: false; readonly problems: readonly SpecProblem[] }

export interface ParsedService {
  readonly ok: true
  /** Without `task.workdir`: the caller resolves `workdir` against its own folder and sets it. */
  readonly spec: ServiceSpec
  /** Values by name, to be encrypted; they are in no other field. */
  readonly secrets: Readonly<Record<string, string>>
  /** The folder as written, envs filled in: relative to the caller's folder, as SkyPilot does. */
  readonly workdir?: string
  /** The files that TLS needs, as written and relative to the caller's folder too: the caller brings their content. */
  readonly tls?: TlsSpec
  /** The text with the secrets blanked: what is stored and shown. */
  readonly redactedYaml: string
  readonly warnings: readonly SpecProblem[]
}

/**
 * Reads SkyPilot's task YAML with a `service` section. Never throws on any text: every problem that can be found is
 * returned with its key, line, column and a way out. Rules: SkyPilot's yaml-spec and `service_spec.py`.
 */
export function parseServiceYaml(rawText: string, input: ParseInput = {}): ParseResult {
  const text = rawText.startsWith('\uFEFF') ? rawText.slice(1) : rawText
  const problems = new ProblemList(text, input.file)
  const { root, isBroken } = readYamlDocument(text, mentionsSecrets(text) ? 'nothing' : 'line', problems)
  const guard = createSecretGuard(text, root, Object.values(input.secrets ?? {}))
  const read = root === undefined ? undefined : readTask(root, { ...input, isBroken }, problems)
  const found = problems.finish(guard.mask)
  if (read === undefined || problems.hasErrors()) return { ok: false, problems: found }
  return { ok: true, ...read, redactedYaml: guard.redactedYaml(), warnings: found }
}

type Read = Pick<ParsedService, 'spec' | 'secrets' | 'workdir' | 'tls'>

function readTask(
  root: YamlMap,
  input: ParseInput & { isBroken: boolean },
  problems: ProblemList,
): Read | undefined {
  const fields = readSection(root, '', problems)
  const variables = readAllVariables(fields, input, problems)
  const resources = readResources(fields.get('resources'), problems)
  const portsField = childField(fields.get('resources'), 'ports')
  const name = readName(fields.get('name'), input.name, problems)
  const run = readScript(fields.get('run'), problems)
  const setup = readScript(fields.get('setup'), problems)
  const workdir = readWorkdir(fields.get('workdir'), variables, problems)
  if (!input.isBroken) reportMissingKeys(fields, input, problems)
  const serviceField = fields.get('service')
  if (serviceField === undefined) return undefined
  const service = readService(serviceField, { resources, portsField, variables }, problems)
  checkPortVariable(variables, { port: service?.replicaPort, field: fields.get('envs') }, problems)
  if (service === undefined || run === undefined || name === undefined) return undefined
  const spec: ServiceSpec = {
    specVersion: 1,
    name,
    task: {
      ...(setup === undefined ? {} : { setup }),
      run,
      envs: variables.envs,
      secretNames: Object.keys(variables.secrets),
      resources,
    },
    service,
  }
  return {
    spec,
    secrets: variables.secrets,
    ...(workdir === undefined ? {} : { workdir }),
    ...(service.tls === undefined ? {} : { tls: service.tls }),
  }
}

function reportMissingKeys(
  fields: ReadonlyMap<string, Field>,
  input: ParseInput,
  problems: ProblemList,
): void {
  if (!fields.has('name') && input.name === undefined) {
    reportMissing('name', 'Add `name: my-service`, or give the name on the command line.', problems)
  }
  if (!fields.has('run')) {
    reportMissing('run', 'Write the command that starts the server: `run: node server.js`.', problems)
  }
  if (!fields.has('service')) {
    reportMissing('service', 'Add `service:` with `readiness_probe: /` below it, indented.', problems)
  }
}

function readAllVariables(
  fields: ReadonlyMap<string, Field>,
  input: ParseInput,
  problems: ProblemList,
): Variables {
  const envs = readVariables(
    { field: fields.get('envs'), given: input.envs ?? {}, option: '--env' },
    problems,
  )
  const secrets = readVariables(
    { field: fields.get('secrets'), given: input.secrets ?? {}, option: '--secret' },
    problems,
  )
  for (const name of Object.keys(secrets)) {
    if (!Object.hasOwn(envs, name)) continue
    const span = fields.get('secrets')?.keySpan ?? { start: 0, end: 0 }
    problems.error({
      path: `secrets.${name}`,
      span,
      value: 'in both',
      message: `\`${name}\` is both an env and a secret`,
      hint: 'Keep it in `secrets` and remove it from `envs`.',
      shows: 'head',
    })
  }
  return { envs, secrets }
}

/** The task finds its port in PORT: an env that says otherwise would be lost without a word. */
function checkPortVariable(
  variables: Variables,
  fixed: { readonly port: number | undefined; readonly field: Field | undefined },
  problems: ProblemList,
): void {
  const isSecret = Object.hasOwn(variables.secrets, 'PORT')
  const value = Object.hasOwn(variables.envs, 'PORT') ? variables.envs['PORT'] : undefined
  if (!isSecret && (value === undefined || value === String(fixed.port))) return
  problems.error({
    path: isSecret ? 'secrets.PORT' : 'envs.PORT',
    span: childField(fixed.field, 'PORT')?.keySpan ?? { start: 0, end: 0 },
    value: isSecret ? 'a secret' : shorten(value ?? ''),
    message: 'PORT is set by the system for each replica and cannot be given',
    hint: 'Remove it; to use a fixed port write it as `resources.ports`.',
    shows: 'head',
  })
}
