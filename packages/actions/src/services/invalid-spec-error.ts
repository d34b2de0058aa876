import { SkykeepError } from '@skykeep/core/errors'
import type { SpecProblemView } from '@skykeep/core/views'
import { toProblemView } from './problem-view.ts'

/** INVALID_INPUT that carries every finding in a YAML, in the order of its lines. */
export class InvalidSpecError extends SkykeepError {
  readonly problems: readonly SpecProblemView[]

  constructor(problems: readonly SpecProblemView[]) {
    const first = problems[0]
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`
    super('INVALID_INPUT', `service YAML has ${count}`, {
      userMessage:
        first === undefined
          ? 'The service YAML is not valid.'
          : `${count}; line ${first.line}: ${first.message}`,
      hint: first?.hint ?? 'Correct the YAML and try again.',
    })
    this.problems = problems.map(toProblemView)
  }
}
