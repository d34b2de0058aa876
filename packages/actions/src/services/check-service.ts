import type { ServiceCheckView } from '@skykeep/core/views'
import { parseServiceYaml, type ParseInput } from '@skykeep/spec/parse-service-yaml'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { toProblemView } from './problem-view.ts'
import type { CheckServiceInput } from './schemas.ts'

/** Says what is wrong with a service YAML, or what it means; changes nothing. */
export async function checkService(
  context: ActionContext,
  input: CheckServiceInput,
): Promise<ServiceCheckView> {
  authorize(context.actor, 'service:read')
  const parsed = parseServiceYaml(input.yaml, parseInputOf(input))
  if (!parsed.ok) return { ok: false, problems: parsed.problems.map(toProblemView) }
  return { ok: true, problems: parsed.warnings.map(toProblemView), spec: parsed.spec }
}

/** What the spec package is told beside the text. */
export function parseInputOf(input: CheckServiceInput): ParseInput {
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.envs === undefined ? {} : { envs: input.envs }),
    ...(input.secrets === undefined ? {} : { secrets: input.secrets }),
  }
}
