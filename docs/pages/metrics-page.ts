import { allMetrics } from '../../packages/telemetry/src/metrics/declarations.ts'
import type { MetricSource } from '../../packages/telemetry/src/metrics/declaration.ts'
import { madeFrom, markdownTable } from './markdown.ts'

const sections: readonly (readonly [MetricSource, string])[] = [
  ['web', 'From web: the plane, its services, replicas and autoscalers'],
  ['worker', 'From the worker'],
  ['gateway', 'From each gateway process'],
  ['every process', 'From every process'],
]

/** `docs/reference/metrics.md`: every metric that `/metrics` tells. */
export function metricsPage(): string {
  return [
    '# Metrics',
    madeFrom('the declarations'),
    'How to scrape them: [observe](../observe.md). Every series has a label `process` beside those named here: `web`, `worker`, `gateway-0`, … A histogram `X` gives `X_bucket`, `X_sum` and `X_count`. What web tells is read from the database and the disk at each scrape, so that it holds while the worker is dead. No label carries a secret, a path of a request, or anything else that a client chooses.',
    ...sections.flatMap(([source, title]) => [
      `## ${title}`,
      markdownTable(
        ['metric', 'type', 'unit', 'labels', 'what it tells', 'what bounds its series'],
        allMetrics
          .filter((each) => each.source === source)
          .map(({ name, type, unit, labels, help, bound }) => [
            `\`${name}\``,
            type,
            unit === 'none' ? '' : unit,
            labels.map((label) => `\`${label}\``).join(', '),
            help,
            bound,
          ]),
      ),
    ]),
    '',
  ].join('\n\n')
}
