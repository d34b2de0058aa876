import { SkykeepError } from './errors.ts'

/** What is kept of the past: `retention:` of config.yaml. A count and an age limit of the same rows both hold. */
export interface RetentionLimits {
  /** Events of the one log, whatever they tell of. */
  readonly events: number
  readonly eventDays: number
  /** Scaling decisions a service. */
  readonly decisions: number
  /** Recovery reports a service. */
  readonly recoveryReports: number
  /** Unfinished requests a service. */
  readonly unfinishedRequests: number
  readonly unfinishedRequestDays: number
  /** Operations that ended, of all services together. */
  readonly operations: number
  /** TERMINATED replicas a service. */
  readonly endedReplicas: number
  /** Services that ended: these many newest keep their history, and all that ended within `endedServiceDays`. */
  readonly endedServices: number
  readonly endedServiceDays: number
  /** Rollouts that ended, a service. */
  readonly rollouts: number
  /** Drills that ended, a service. */
  readonly drills: number
  /** Versions a service, beside those that are in use. */
  readonly versions: number
  /** Logs of replicas and operations that ended, all together, MiB. */
  readonly logMegabytes: number
  readonly logDays: number
  /** Requests by service, version and replica in steps of 5 s, hours. */
  readonly trafficFineHours: number
  /** The same in steps of a minute, hours. */
  readonly trafficHours: number
  /** Uploads that no version took, and files in tmp/. */
  readonly temporaryHours: number
  /** Answers to requests that carried an `Idempotency-Key`, hours. */
  readonly idempotencyKeyHours: number
}

export interface RetentionRange {
  /** Under `retention:` in config.yaml. */
  readonly key: string
  /** What holds where nothing is said. */
  readonly usual: number
  readonly min: number
  readonly max: number
  /** What is counted, with its unit. */
  readonly meaning: string
}

const days = { min: 1, max: 3_650 }

/** Every limit with its key and range. */
export const retentionRanges: Readonly<Record<keyof RetentionLimits, RetentionRange>> = {
  events: {
    key: 'events',
    usual: 200_000,
    min: 1_000,
    max: 20_000_000,
    meaning: 'events of the one log, whatever they tell of',
  },
  eventDays: { key: 'event_days', usual: 90, ...days, meaning: 'days that an event is kept' },
  decisions: {
    key: 'decisions',
    usual: 1_000,
    min: 50,
    max: 100_000,
    meaning: 'scaling decisions a service',
  },
  recoveryReports: {
    key: 'recovery_reports',
    usual: 100,
    min: 1,
    max: 10_000,
    meaning: 'recovery reports a service',
  },
  unfinishedRequests: {
    key: 'unfinished_requests',
    usual: 10_000,
    min: 100,
    max: 1_000_000,
    meaning: 'unfinished requests a service',
  },
  unfinishedRequestDays: {
    key: 'unfinished_request_days',
    usual: 30,
    ...days,
    meaning: 'days that an unfinished request is kept',
  },
  operations: {
    key: 'operations',
    usual: 10_000,
    min: 100,
    max: 1_000_000,
    meaning: 'operations that ended, of all services together',
  },
  endedReplicas: {
    key: 'ended_replicas',
    usual: 500,
    min: 100,
    max: 100_000,
    meaning: 'replicas that ended, a service',
  },
  endedServices: {
    key: 'ended_services',
    usual: 200,
    min: 0,
    max: 30_000,
    meaning: 'services that ended and keep their history',
  },
  endedServiceDays: {
    key: 'ended_service_days',
    usual: 90,
    ...days,
    meaning: 'days that a service that ended keeps its history at least',
  },
  rollouts: { key: 'rollouts', usual: 100, min: 20, max: 10_000, meaning: 'rollouts that ended, a service' },
  drills: { key: 'drills', usual: 100, min: 20, max: 10_000, meaning: 'drills that ended, a service' },
  versions: {
    key: 'versions',
    usual: 20,
    min: 2,
    max: 400,
    meaning: 'versions a service, beside those that are in use',
  },
  logMegabytes: {
    key: 'log_mb',
    usual: 2_048,
    min: 16,
    max: 10_000_000,
    meaning: 'MiB of logs of replicas and operations that ended, all together',
  },
  logDays: { key: 'log_days', usual: 30, ...days, meaning: 'days that such a log is kept' },
  trafficFineHours: {
    key: 'traffic_fine_hours',
    usual: 2,
    min: 1,
    max: 24,
    meaning: 'hours that requests by version and replica are kept in steps of 5 s, for charts',
  },
  trafficHours: {
    key: 'traffic_hours',
    usual: 25,
    min: 1,
    max: 720,
    meaning: 'hours that they are kept in steps of a minute',
  },
  temporaryHours: {
    key: 'temporary_hours',
    usual: 24,
    min: 1,
    max: 720,
    meaning: 'hours that an upload that no version took, and a file in tmp/, is kept',
  },
  idempotencyKeyHours: {
    key: 'idempotency_key_hours',
    usual: 24,
    min: 1,
    max: 720,
    meaning: 'hours that the answer to a request with an Idempotency-Key is kept, to be given again',
  },
}

/** The fields of RetentionLimits: the record above has each of them and no other. */
export const retentionFields = Object.keys(retentionRanges) as readonly (keyof RetentionLimits)[]

/** The usual limits, with those that are given instead. @throws INVALID_INPUT that names a limit that is no number of its range. */
export function retentionWith(given: Partial<Record<keyof RetentionLimits, unknown>>): RetentionLimits {
  const limits = retentionFields.map((field) => {
    const { key, usual, min, max } = retentionRanges[field]
    const value = given[field] ?? usual
    if (typeof value === 'number' && Number.isInteger(value) && value >= min && value <= max)
      return [field, value] as const
    throw new SkykeepError(
      'INVALID_INPUT',
      `retention.${key} must be a whole number from ${min} to ${max}, not ${JSON.stringify(value)}`,
      { hint: 'Correct the value in config.yaml.' },
    )
  })
  // One number for each field, from the list of all fields.
  return Object.fromEntries(limits) as unknown as RetentionLimits
}
