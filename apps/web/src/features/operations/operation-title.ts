import type { OperationView } from '@skykeep/core/views'

/** `serve down hello`: the words of the command line. */
export function operationTitle({ verb, targetName }: Pick<OperationView, 'verb' | 'targetName'>): string {
  return `${verb.replaceAll('.', ' ')} ${targetName}`
}
