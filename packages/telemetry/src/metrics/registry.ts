import { Counter, Gauge, Histogram, Registry } from 'prom-client'
import type { Declaration, Declarations } from './declaration.ts'
import type { Instruments } from './instruments.ts'
import { processMetrics } from './process.ts'
import { watchProcess } from './process-figures.ts'

export type { Instruments } from './instruments.ts'

export interface ProcessMetrics {
  /** The instruments of one group of declarations; ask once for each group. */
  of<G extends Declarations>(group: G): Instruments<G>
  /** Runs before each scrape, to set gauges. What it throws leaves its gauges as they are. */
  beforeScrape(read: () => void | Promise<void>): void
  /** The text exposition, format 0.0.4. */
  text(): Promise<string>
}

/** The registry of one process; each of its series carries `process`. */
export function createMetrics(process: string): ProcessMetrics {
  const registry = new Registry()
  registry.setDefaultLabels({ process })
  const readers: (() => void | Promise<void>)[] = []
  const metrics: ProcessMetrics = {
    of: (group) => {
      const made = Object.entries(group).map(([key, each]) => [key, instrumentOf(each, registry)] as const)
      // Made from the same keys, each by its declared type.
      return Object.fromEntries(made) as Instruments<typeof group>
    },
    beforeScrape: (read) => void readers.push(read),
    text: async () => {
      await Promise.allSettled(readers.map(async (read) => read()))
      return registry.metrics()
    },
  }
  metrics.beforeScrape(watchProcess(metrics.of(processMetrics)))
  return metrics
}

function instrumentOf(each: Declaration, registry: Registry): Counter | Gauge | Histogram {
  const settings = { name: each.name, help: each.help, labelNames: [...each.labels], registers: [registry] }
  if (each.type === 'counter') return new Counter(settings)
  if (each.type === 'gauge') return new Gauge(settings)
  return new Histogram({ ...settings, buckets: [...(each.buckets ?? [])] })
}
