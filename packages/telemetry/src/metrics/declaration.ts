/** Which process counts it. `web` answers from the database, so that it holds while the worker is dead. */
export type MetricSource = 'worker' | 'web' | 'gateway' | 'every process'

/**
 * One metric. The name follows https://prometheus.io/docs/practices/naming/: the unit is part of it, a counter ends in `_total`.
 */
export interface Declaration {
  readonly name: `skykeep_${string}`
  readonly type: 'counter' | 'gauge' | 'histogram'
  readonly help: string
  readonly unit: 'seconds' | 'bytes' | 'ratio' | 'count' | 'none'
  /** Never a secret, a path of a request, or anything that a client chooses. */
  readonly labels: readonly string[]
  /** What bounds the number of series, for a person; empty without labels. */
  readonly bound: string
  readonly source: MetricSource
  /** Upper bounds of a histogram, in the metric's unit. */
  readonly buckets?: readonly number[]
}

export type Declarations = Readonly<Record<string, Declaration>>

/** Upper bounds for work that takes from a millisecond to minutes, seconds. */
export const workBuckets = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30, 60]
