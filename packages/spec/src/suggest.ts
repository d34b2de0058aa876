/** Edits (insert, delete, replace, swap of neighbours) between two words: optimal string alignment. */
function editDistance(a: string, b: string): number {
  let beforePrevious: number[] = []
  let previous = Array.from({ length: b.length + 1 }, (_, index) => index)
  for (let i = 1; i <= a.length; i += 1) {
    const current = [i]
    for (let j = 1; j <= b.length; j += 1) {
      const isSame = a[i - 1] === b[j - 1]
      let best = Math.min(
        (previous[j] ?? 0) + 1,
        (current[j - 1] ?? 0) + 1,
        (previous[j - 1] ?? 0) + (isSame ? 0 : 1),
      )
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) {
        best = Math.min(best, (beforePrevious[j - 2] ?? 0) + 1)
      }
      current.push(best)
    }
    beforePrevious = previous
    previous = current
  }
  return previous[b.length] ?? 0
}

/** The candidates that are near enough to a word (a third of their letters), the nearest first. */
function ranked(word: string, candidates: readonly string[]): readonly string[] {
  if (word.length > 64) return []
  return candidates
    .map((candidate) => ({ candidate, distance: editDistance(word, candidate) }))
    .filter(({ candidate, distance }) => {
      const allowed = Math.min(Math.max(2, Math.floor(candidate.length / 3)), candidate.length - 1)
      return distance <= allowed
    })
    .toSorted((one, other) => one.distance - other.distance)
    .map(({ candidate }) => candidate)
}

/** The candidate nearest to a mistyped or shortened word, where one is near enough (a third of its letters). */
export function suggest(word: string, candidates: readonly string[]): string | undefined {
  if (word.length > 64) return undefined
  const normal = word.toLowerCase().replaceAll('-', '_')
  const [nearest] = ranked(normal, candidates)
  if (nearest !== undefined || normal.length < 3) return nearest
  return candidates.find((candidate) => candidate.startsWith(normal))
}

const suggestedMax = 3

/**
 * What to say of a word that is none of a closed list: those that hold it, else those that are near it, else all of them. Given `scaled`:
 * `there is no event type "scaled"; did you mean service.scaled?`
 */
export function unknownWord(what: string, word: string, candidates: readonly string[]): string {
  const normal = word.trim().toLowerCase()
  const holding = normal.length < 3 ? [] : candidates.filter((candidate) => candidate.includes(normal))
  const near = (holding.length > 0 ? holding : ranked(normal, candidates)).slice(0, suggestedMax)
  const shown = JSON.stringify(word.length > 64 ? `${word.slice(0, 64)}…` : word)
  const rest =
    near.length > 0 ? `did you mean ${near.join(' or ')}?` : `those that are: ${candidates.join(', ')}`
  return `there is no ${what} ${shown}; ${rest}`
}
