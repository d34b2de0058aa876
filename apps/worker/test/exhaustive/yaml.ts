import type { UpdateMode } from '@skykeep/core/service-spec'

export interface YamlFields {
  readonly name?: string
  /** Stands in the task's text: tells one version's process from another's. Milliseconds until it answers. */
  readonly ready?: number
  /** More words for the simulated process, such as `exit-after=500 exit=3`. */
  readonly run?: string
  readonly replicas?: number
  readonly policy?: Readonly<Record<string, string | number | boolean>>
  readonly useSpot?: boolean
  readonly update?: { readonly mode: UpdateMode; readonly rest?: string }
  readonly rest?: string
}

/** A service on the simulated cloud whose times are short, so that a run has few idle looks. */
export function serviceYaml(fields: YamlFields = {}): string {
  const { name = 'hello', ready = 100, run = '', replicas = 2, policy, useSpot, update, rest = '' } = fields
  const size =
    policy === undefined
      ? `  replicas: ${replicas}`
      : ['  replica_policy:', ...Object.entries(policy).map(([key, value]) => `    ${key}: ${value}`)].join(
          '\n',
        )
  const way =
    update === undefined
      ? ''
      : `  update:\n    mode: ${update.mode}\n    progress_deadline_seconds: 60\n${update.rest ?? ''}`
  return `name: ${name}
resources:
  infra: sim
${useSpot === true ? '  use_spot: true\n' : ''}run: serve ready=${ready} ${run}
service:
  readiness_probe:
    path: /
    endpoint_probe_interval_seconds: 10
${size}
${way}
${rest}`
}
