import type { Declaration } from './declaration.ts'

type Labels = Readonly<Record<string, string>>

export interface Sample {
  readonly labels: Labels
  readonly value: number
}

export interface HistogramSample {
  readonly labels: Labels
  /** One number a bound of the declaration, each for its own bucket alone, and one for what was above all. */
  readonly counts: readonly number[]
  /** In the metric's unit. */
  readonly sum: number
}

/** The exposition of counts that are kept elsewhere; empty without samples. Pure. */
export function exposeSamples(declaration: Declaration, samples: readonly Sample[]): string {
  return exposed(
    declaration,
    samples.map(({ labels, value }) => line(declaration.name, labels, value)),
  )
}

/** The exposition of a histogram that is counted elsewhere; empty without samples. Pure. */
export function exposeHistogram(declaration: Declaration, samples: readonly HistogramSample[]): string {
  const { name, buckets = [] } = declaration
  const lines = samples.flatMap(({ labels, counts, sum }) => {
    let total = 0
    const cumulative = [...buckets, Number.POSITIVE_INFINITY].map((bound, at) => {
      total += counts[at] ?? 0
      const le = bound === Number.POSITIVE_INFINITY ? '+Inf' : String(bound)
      return line(`${name}_bucket`, { ...labels, le }, total)
    })
    return [...cumulative, line(`${name}_sum`, labels, sum), line(`${name}_count`, labels, total)]
  })
  return exposed(declaration, lines)
}

function exposed({ name, help, type }: Declaration, lines: readonly string[]): string {
  if (lines.length === 0) return ''
  return `${[`# HELP ${name} ${help}`, `# TYPE ${name} ${type}`, ...lines].join('\n')}\n`
}

function line(name: string, labels: Labels, value: number): string {
  const pairs = Object.entries(labels).map(([key, text]) => `${key}="${escaped(text)}"`)
  return `${name}${pairs.length === 0 ? '' : `{${pairs.join(',')}}`} ${value}`
}

/** As the text format asks for it in label values. */
function escaped(text: string): string {
  return text.replaceAll('\\', '\\\\').replaceAll('"', '\\"').replaceAll('\n', '\\n')
}
