import type { ProblemList } from './problem.ts'
import { shownValue } from './scalars.ts'
import type { Field } from './section.ts'
import { kindOf, type YamlNode } from './yaml-tree.ts'

export interface Complaint {
  readonly message: string
  readonly hint: string
}

/** An error about a value, at the value. Of a map or list only the key is shown: what is in it may be a misplaced secret. */
export function reportValue(
  field: Field,
  complaint: Complaint,
  problems: ProblemList,
  node: YamlNode = field.node,
): void {
  const isScalar = node.kind === 'scalar'
  problems.error({
    path: field.path,
    span: isScalar ? node.span : field.keySpan,
    value: shownValue(node),
    ...complaint,
    shows: isScalar ? 'line' : 'head',
  })
}

/** An error about a key that stands there, or lacks something below it. */
export function reportKey(field: Field, complaint: Complaint, problems: ProblemList): void {
  problems.error({
    path: field.path,
    span: field.keySpan,
    value: kindOf(field.node),
    ...complaint,
    shows: 'head',
  })
}
