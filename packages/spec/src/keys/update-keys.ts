import { updateModes } from '@skykeep/core/service-spec'
import { booleans, supported, type KeyTable } from './key-table.ts'

/** The keys of `service.update`. */
export const updateKeys: KeyTable = {
  mode: supported({
    help: 'How a later version takes over: replica by replica, all at once, or in steps that it must pass.',
    says: '`rolling`, `blue_green` or `canary`',
    unlessSaid: 'rolling',
    example: 'mode: blue_green',
    values: updateModes,
  }),
  max_surge: supported({
    help: 'Replicas above the target while a rolling update runs.',
    says: '1 to 100',
    unlessSaid: '1',
    example: 'max_surge: 2',
  }),
  min_ready_seconds: supported({
    help: 'How long a new replica is ready before it counts.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '5',
    example: 'min_ready_seconds: 10',
  }),
  progress_deadline_seconds: supported({
    help: 'How long an update may stand still before it is rolled back.',
    says: 'seconds: 1 to 86400',
    unlessSaid: '600',
    example: 'progress_deadline_seconds: 300',
  }),
  automatic_rollback: supported({
    help: 'Whether an update that fails is rolled back by itself; with false it stays where it is.',
    says: 'true or false',
    unlessSaid: 'true',
    example: 'automatic_rollback: false',
    values: booleans,
  }),
  canary: supported({
    help: 'The steps of a canary, and what the new version must show in each.',
    says: 'see the table of `canary`',
    unlessSaid: 'its own defaults',
    example: 'canary:\n  steps: [10, 50]',
  }),
}

/** The keys of `service.update.canary`. */
export const canaryKeys: KeyTable = {
  steps: supported({
    help: 'The share of the requests that the new version gets in each step.',
    says: 'a list of percents, rising: 1 to 99',
    unlessSaid: '[10, 50]',
    example: 'steps: [5, 25, 50]',
  }),
  bake_seconds: supported({
    help: 'How long each step lasts at least.',
    says: 'seconds: 0 to 86400',
    unlessSaid: '60',
    example: 'bake_seconds: 300',
  }),
  min_requests: supported({
    help: 'How many requests the new version answers in a step before it is judged.',
    says: '0 to 1000000',
    unlessSaid: '20',
    example: 'min_requests: 100',
  }),
  max_error_ratio: supported({
    help: 'The share of failed requests that the new version may have above the old one’s.',
    says: '0 to 1',
    unlessSaid: '0.01',
    example: 'max_error_ratio: 0.02',
  }),
  max_latency_ratio: supported({
    help: 'How much slower (95th percentile) the new version may be than the old one.',
    says: 'a multiple: 1 to 1000',
    unlessSaid: '2',
    example: 'max_latency_ratio: 1.5',
  }),
  header: supported({
    help: 'Requests that carry it go to the new version, whatever its share.',
    says: 'a map of `name` and `value`',
    unlessSaid: 'the share alone decides',
    example: 'header: {name: X-Canary, value: "1"}',
  }),
}

/** The keys of `service.update.canary.header`. */
export const canaryHeaderKeys: KeyTable = {
  name: supported({
    help: 'The name of the header, in any case.',
    says: 'letters, digits and hyphens',
    unlessSaid: null,
    example: 'name: X-Canary',
  }),
  value: supported({
    help: 'Its whole value, as it is.',
    says: 'visible ASCII characters',
    unlessSaid: null,
    example: 'value: "1"',
  }),
}
