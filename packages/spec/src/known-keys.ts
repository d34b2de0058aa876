import { accessKeys } from './keys/access-keys.ts'
import type { KeyTable, KnownKey } from './keys/key-table.ts'
import {
  accessLogKeys,
  hashKeys,
  hedgeKeys,
  loadBalancerKeys,
  outlierKeys,
} from './keys/load-balancer-keys.ts'
import { resourcesKeys } from './keys/resources-keys.ts'
import { replicaPolicyKeys } from './keys/scaling-keys.ts'
import { offHoursKeys, scheduleKeys } from './keys/schedule-keys.ts'
import { readinessProbeKeys, serviceKeys, tlsKeys } from './keys/service-keys.ts'
import { taskKeys } from './keys/task-keys.ts'
import { publicKeyKeys, tokenKeys } from './keys/token-keys.ts'
import { canaryHeaderKeys, canaryKeys, updateKeys } from './keys/update-keys.ts'

/** Every table with the key under which it stands; '' for the top of the file. */
export const keyTables = {
  '': taskKeys,
  resources: resourcesKeys,
  service: serviceKeys,
  'service.readiness_probe': readinessProbeKeys,
  'service.replica_policy': replicaPolicyKeys,
  'service.load_balancer': loadBalancerKeys,
  'service.load_balancer.hash': hashKeys,
  'service.load_balancer.access': accessKeys,
  'service.load_balancer.access.tokens': tokenKeys,
  'service.load_balancer.access.tokens.public_keys': publicKeyKeys,
  'service.load_balancer.outlier_detection': outlierKeys,
  'service.load_balancer.hedge': hedgeKeys,
  'service.load_balancer.access_log': accessLogKeys,
  'service.tls': tlsKeys,
  'service.schedule': scheduleKeys,
  'service.schedule.off_hours': offHoursKeys,
  'service.update': updateKeys,
  'service.update.canary': canaryKeys,
  'service.update.canary.header': canaryHeaderKeys,
} as const satisfies Record<string, KeyTable>
export type TablePath = keyof typeof keyTables

/** The table under a dotted path such as `service.update`; undefined: no keys are known there. */
export function keyTableAt(path: string): KeyTable | undefined {
  return Object.entries(keyTables).find(([tablePath]) => tablePath === path)?.[1]
}

/** What is known of one key of the table at `path`; undefined: nothing. */
export function knownKeyAt(path: string, key: string): KnownKey | undefined {
  const table = keyTableAt(path)
  return table !== undefined && Object.hasOwn(table, key) ? table[key] : undefined
}

/** The tables as Markdown; `README.md` holds this text, checked by a test. */
export function describeKeyTables(): string {
  const supportedRows: string[] = []
  const laterRows: string[] = []
  for (const [path, table] of Object.entries(keyTables)) {
    for (const [key, known] of Object.entries(table)) {
      const name = `\`${path === '' ? key : `${path}.${key}`}\``
      if (known.status === 'later') laterRows.push(`| ${name} | ${known.with} |`)
      else {
        const { help, says, unlessSaid } = known
        supportedRows.push(`| ${name} | ${help} | ${says} | ${unlessSaid ?? '—'} |`)
      }
    }
  }
  return [
    '| key | what it is for | what may stand there | unless said |',
    '| --- | --- | --- | --- |',
    ...supportedRows,
    '',
    '| refused by name | arrives with |',
    '| --- | --- |',
    ...laterRows,
  ].join('\n')
}
