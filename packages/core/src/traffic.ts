/** Steps of time in which requests are added up for charts, seconds; each is kept for its own time. */
export const trafficSteps = { fine: 5, coarse: 60 } as const

export const trafficRanges = ['5m', '1h', '6h', '24h'] as const
/** What a chart looks back over. */
export type TrafficRange = (typeof trafficRanges)[number]

export interface TrafficWindow {
  /** From now back, seconds. */
  readonly seconds: number
  /** Seconds of one point: a multiple of `storedStep`. */
  readonly step: number
  /** The step of the stored rows that a point is made of. */
  readonly storedStep: number
}

/** How each range is shown: at most 360 points. */
export const trafficWindows: Readonly<Record<TrafficRange, TrafficWindow>> = {
  '5m': { seconds: 300, step: 5, storedStep: trafficSteps.fine },
  '1h': { seconds: 3_600, step: 15, storedStep: trafficSteps.fine },
  '6h': { seconds: 21_600, step: 60, storedStep: trafficSteps.coarse },
  '24h': { seconds: 86_400, step: 300, storedStep: trafficSteps.coarse },
}

export const trafficGroups = ['service', 'version', 'replica'] as const
/** What a line of a chart stands for. */
export type TrafficGroup = (typeof trafficGroups)[number]

/** One line a group: numbers of each step of time; null: not counted, which is not 0. */
export interface TrafficSeries {
  /** Version or replica number; 0: the service as a whole, or what reached none. */
  readonly id: number
  readonly requestsPerSecond: readonly (number | null)[]
  /** Mean number in flight. */
  readonly inFlight: readonly (number | null)[]
  /** Milliseconds; null also where no request ended. */
  readonly p50Ms: readonly (number | null)[]
  readonly p95Ms: readonly (number | null)[]
  readonly p99Ms: readonly (number | null)[]
  /** Answers with 4xx of a replica, a second. */
  readonly refusedPerSecond: readonly (number | null)[]
  /** Answers with 5xx of a replica, a second. */
  readonly brokenPerSecond: readonly (number | null)[]
  /** Answers that broke off after they had begun, a second. */
  readonly cutOffPerSecond: readonly (number | null)[]
  /** Answers with 4xx or 5xx of the gateway itself, a second: no replica was reached. */
  readonly unansweredPerSecond: readonly (number | null)[]
  /** All of the range. */
  readonly requests: number
  /** Answers with 5xx, those that broke off, and those that got no replica. */
  readonly errors: number
}

/** Requests of a service over a range of time, as a chart shows them. */
export interface TrafficView {
  /** Seconds since the Unix epoch: the first step begins there. */
  readonly fromSecond: number
  readonly step: number
  readonly steps: number
  readonly series: readonly TrafficSeries[]
  /** Lines with fewer requests that are left out. */
  readonly omitted: number
  /** The last second that is counted; null: none of the range. */
  readonly countedToSecond: number | null
}

/** A service's requests of the last minute that is counted; a list shows it. */
export interface TrafficFigures {
  readonly requestsPerSecond: number
  /** Share of 5xx and of what no replica answered, 0 to 1; null without requests. */
  readonly errorShare: number | null
  readonly p95Ms: number | null
}

/** Requests of all services, as lists and the overview show them. */
export interface TrafficFiguresView {
  /** By service uid; a service without requests is left out. */
  readonly services: Readonly<Record<string, TrafficFigures>>
  /** Requests a second of all together over the last five minutes, a number each 5 s; null: not counted. */
  readonly totals: readonly (number | null)[]
}

/** By what a list of services can be sorted, beside their age. */
export const serviceSorts = ['name', 'requests', 'errors', 'p95', 'replicas'] as const
export type ServiceSort = (typeof serviceSorts)[number]
