/** The media type of a scrape's answer (https://prometheus.io/docs/instrumenting/exposition_formats/). */
export const expositionType = 'text/plain; version=0.0.4; charset=utf-8'

interface Family {
  readonly head: string[]
  readonly samples: string[]
}

/** One exposition out of those of several processes: each metric's HELP and TYPE once, then every process's samples. Pure. */
export function mergeExpositions(texts: readonly string[]): string {
  const families = new Map<string, Family>()
  for (const text of texts) {
    let family: Family | undefined
    let isNew = false
    for (const line of text.split('\n')) {
      const name = /^# HELP (\S+)/.exec(line)?.[1]
      if (name !== undefined) {
        const known = families.get(name)
        isNew = known === undefined
        family = known ?? { head: [], samples: [] }
        families.set(name, family)
      }
      if (line === '') continue
      if (!line.startsWith('#')) family?.samples.push(line)
      else if (isNew) family?.head.push(line)
    }
  }
  return [...families.values()]
    .filter(({ samples }) => samples.length > 0)
    .map(({ head, samples }) => `${[...head, ...samples].join('\n')}\n`)
    .join('')
}
