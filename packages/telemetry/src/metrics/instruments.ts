import type { Counter, Gauge, Histogram } from 'prom-client'
import type { Declaration, Declarations } from './declaration.ts'

type LabelsOf<D extends Declaration> = D['labels'][number]

type Instrument<D extends Declaration> = D['type'] extends 'counter'
  ? Counter<LabelsOf<D>>
  : D['type'] extends 'gauge'
    ? Gauge<LabelsOf<D>>
    : Histogram<LabelsOf<D>>

/** One instrument for each declaration, under the same key. */
export type Instruments<G extends Declarations> = { readonly [K in keyof G]: Instrument<G[K]> }
