import path from 'node:path'

/** What is left out, and why: everything else of the document is asked. */
export const leftOut: readonly { readonly operation: string; readonly because: string }[] = [
  { operation: 'drills.run', because: 'it kills parts of the plane that is asked, on purpose' },
  ...[
    'watch.events',
    'logs.follow',
    'logs.followLines',
    'logs.followProcess',
    'traffic.follow',
    'traffic.followFigures',
  ].map((operation) => ({ operation, because: 'a stream never ends; the tests of REST judge its messages' })),
]

interface Accepted {
  readonly operations: readonly string[]
  /** Statuses that a check of Schemathesis would not expect. */
  readonly check: 'positive_data_acceptance' | 'negative_data_rejection'
  readonly statuses: readonly number[]
  readonly because: string
}

/** What the document cannot say of an input, so that an answer of 400 to a value that fits it is right. */
export const accepted: readonly Accepted[] = [
  {
    operations: ['services.up', 'services.update', 'services.diff'],
    check: 'positive_data_acceptance',
    statuses: [400],
    because: 'a YAML is a text of its own: what is wrong in it is told line by line',
  },
  {
    operations: ['services.check'],
    check: 'negative_data_rejection',
    statuses: [200],
    because: 'it says of any text what is wrong with it',
  },
  {
    operations: ['services.list', 'operations.list'],
    check: 'positive_data_acceptance',
    statuses: [400],
    because: 'a cursor is what an answer before gave',
  },
  {
    operations: ['services.rollback'],
    check: 'positive_data_acceptance',
    statuses: [400],
    because: 'that the steps of a canary rise is nothing that a schema says',
  },
  {
    operations: ['services.setSchedule'],
    check: 'positive_data_acceptance',
    statuses: [400],
    because: 'time zones are a list that changes with the world',
  },
  {
    operations: ['events.stateAt'],
    check: 'positive_data_acceptance',
    statuses: [400, 410],
    because: 'a moment that is not yet, or is no longer kept',
  },
]

export interface Known {
  readonly services: readonly string[]
  readonly yamls: readonly string[]
  readonly operationUids: readonly string[]
}

/** schemathesis.toml: what of the plane is known, so that most requests reach something, and what is expected. */
export function settingsText(known: Known): string {
  return [
    `hooks = ${JSON.stringify(path.join(import.meta.dirname, 'hooks.py'))}`,
    '# The key of one request may come with another.',
    expected('checks.positive_data_acceptance', usual.positive_data_acceptance),
    '',
    '[generation]',
    '# No database keeps a NUL: it is refused by design.',
    'allow-x00 = false',
    'with-security-parameters = false',
    '',
    ...dictionary('services', known.services),
    ...dictionary('yamls', known.yamls),
    ...dictionary('uids', known.operationUids),
    ...dictionary('replicas', [1, 2]),
    '[parameters]',
    '"path.name" = { dictionary = "services", probability = 0.6 }',
    '"path.service" = { dictionary = "services", probability = 0.8 }',
    '"path.uid" = { dictionary = "uids", probability = 0.7 }',
    '"path.replicaId" = { dictionary = "replicas", probability = 0.7 }',
    '"body.yaml" = { dictionary = "yamls", probability = 0.7 }',
    '',
    ...accepted.flatMap(({ operations, check, statuses, because }) => [
      `# ${because}`,
      '[[operations]]',
      `include-operation-id = ${JSON.stringify(operations)}`,
      expected(`checks.${check}`, [usual[check], statuses].flat()),
      '',
    ]),
    ...leftOut.flatMap(({ operation, because }) => [
      `# ${because}`,
      '[[operations]]',
      `include-operation-id = ${JSON.stringify(operation)}`,
      'enabled = false',
      '',
    ]),
  ].join('\n')
}

/** What Schemathesis expects by itself, and of the first that a key may have been sent with another request. */
const usual = {
  positive_data_acceptance: ['2xx', '3xx', 401, 403, 404, 409, 422, 429, '5xx'],
  negative_data_rejection: [400, 401, 403, 404, 405, 406, 409, 415, 422, 428, 429, '5xx'],
} as const

function expected(check: string, statuses: readonly (string | number)[]): string {
  return `${check}.expected-statuses = ${JSON.stringify(statuses)}`
}

function dictionary(name: string, values: readonly (string | number)[]): readonly string[] {
  return [`[dictionaries.${name}]`, `values = ${JSON.stringify(values)}`, '']
}
