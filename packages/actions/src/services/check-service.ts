import type { ServiceCheckView } from '@skykeep/core/views'
import { findService } from '@skykeep/db/services'
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
  const { spec, warnings, workdir } = parsed
  const service = await findService(context.db, context.workspace, spec.name)
  return {
    ok: true,
    problems: warnings.map(toProblemView),
    // As it would be stored: the parser hands the folder over apart.
    spec: workdir === undefined ? spec : { ...spec, task: { ...spec.task, workdir } },
    living:
      service === null
        ? null
        : { version: service.desiredVersion, isGoing: service.deletionRequestedAtMs !== null },
  }
}

/** What the spec package is told beside the text. */
export function parseInputOf(input: CheckServiceInput): ParseInput {
  return {
    ...(input.name === undefined ? {} : { name: input.name }),
    ...(input.envs === undefined ? {} : { envs: input.envs }),
    ...(input.secrets === undefined ? {} : { secrets: input.secrets }),
  }
}
