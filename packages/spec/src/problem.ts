/** What is wrong (or risky) in a service YAML: where, what was found, and a way out. Never carries a secret's value. */
export interface SpecProblem {
  readonly severity: 'error' | 'warning'
  readonly file: string
  /** Dotted key, such as `service.readiness_probe.timeout_seconds`, or `(document)` for the file as a whole. */
  readonly path: string
  /** 1-based; columns count UTF-16 units. The end is exclusive. */
  readonly line: number
  readonly column: number
  readonly endLine: number
  readonly endColumn: number
  /** What was found, shortened; a description such as `a map` where the text must not be shown. */
  readonly value: string
  readonly message: string
  /** What to do next. */
  readonly hint: string
  /** The source line, with what must not be shown masked. */
  readonly excerpt: string
}

export const documentPath = '(document)'

/** Half-open range of offsets in the text. */
export interface Span {
  readonly start: number
  readonly end: number
}

export interface ProblemReport {
  readonly path: string
  readonly span: Span
  readonly value: string
  readonly message: string
  readonly hint: string
  /** `head`: the line up to the span's end, as what follows may be a misplaced secret. Unless said: the line. */
  readonly shows?: 'line' | 'head' | 'nothing'
}

const maxProblems = 100
const maxShownCharacters = 60
const maxExcerptCharacters = 160
const maxPathCharacters = 200
const maxMessageCharacters = 1000

/** Collects problems against one text; keeps 100 errors and 100 warnings, so that a broken huge file stays readable. */
export class ProblemList {
  readonly #text: string
  readonly #file: string
  readonly #lineStarts: readonly number[]
  readonly #problems = { error: new Array<ProblemReport>(), warning: new Array<ProblemReport>() }

  constructor(text: string, file = 'service.yaml') {
    this.#text = text
    this.#file = file
    const starts = [0]
    for (let at = text.indexOf('\n'); at !== -1; at = text.indexOf('\n', at + 1)) starts.push(at + 1)
    this.#lineStarts = starts
  }

  error(report: ProblemReport): void {
    this.#add('error', report)
  }

  warning(report: ProblemReport): void {
    this.#add('warning', report)
  }

  hasErrors(): boolean {
    return this.#problems.error.length > 0
  }

  /** Everything reported, in the order of the file. `mask` blanks what must not be shown, keeping the length. */
  finish(mask: (text: string) => string): SpecProblem[] {
    const masked = mask(this.#text)
    return (['error', 'warning'] as const)
      .flatMap((severity) => this.#problems[severity].map((report) => ({ severity, report })))
      .toSorted((a, b) => a.report.span.start - b.report.span.start)
      .map(({ report, severity }) => {
        const start = this.#position(report.span.start)
        const end = this.#position(Math.max(report.span.start, report.span.end))
        return {
          severity,
          file: this.#file,
          path: shorten(mask(report.path), maxPathCharacters),
          line: start.line,
          column: start.column,
          endLine: end.line,
          endColumn: end.column,
          value: mask(report.value.trim() === '' ? 'empty text' : report.value),
          message: shorten(mask(report.message), maxMessageCharacters),
          hint: shorten(mask(report.hint), maxMessageCharacters),
          excerpt: this.#excerpt(masked, start.line, report),
        }
      })
  }

  #add(severity: SpecProblem['severity'], report: ProblemReport): void {
    if (this.#problems[severity].length < maxProblems) this.#problems[severity].push(report)
  }

  #position(offset: number): { line: number; column: number } {
    const bounded = Math.min(Math.max(offset, 0), this.#text.length)
    let low = 0
    let high = this.#lineStarts.length - 1
    while (low < high) {
      const middle = Math.ceil((low + high) / 2)
      if ((this.#lineStarts[middle] ?? 0) <= bounded) low = middle
      else high = middle - 1
    }
    return { line: low + 1, column: bounded - (this.#lineStarts[low] ?? 0) + 1 }
  }

  #excerpt(masked: string, line: number, report: ProblemReport): string {
    if (report.shows === 'nothing') return ''
    const start = this.#lineStarts[line - 1] ?? 0
    const end = this.#lineStarts[line] ?? masked.length
    const whole = masked.slice(start, end).replace(/[\r\n]+$/, '')
    if (report.shows !== 'head') return shorten(whole, maxExcerptCharacters)
    const cut = Math.min(Math.max(report.span.end - start, 0), whole.length)
    return shorten(whole.slice(0, cut), maxExcerptCharacters) + (cut < whole.length ? ' …' : '')
  }
}

/** The text on one line, in at most `limit` characters, without what could act on a terminal. */
export function shorten(text: string, limit: number = maxShownCharacters): string {
  const flat = text
    .replaceAll(/[\t\r\n\u2028\u2029]/g, ' ')
    .replaceAll(/[\u0000-\u001f\u007f-\u009f\u202a-\u202e\u2066-\u2069]/g, '\uFFFD')
  return flat.length <= limit ? flat : `${flat.slice(0, limit - 1)}…`
}
