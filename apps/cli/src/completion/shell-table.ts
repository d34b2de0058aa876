import type { Completed, CompletionRow } from './completion-table.ts'

/** How one shell writes a branch of a `case` on a text, and a text. */
export interface ShellSyntax {
  readonly branch: (patterns: readonly string[], body: string) => string
  readonly quote: (text: string) => string
  /** The body that answers with these lines, `word<TAB>what it does`. */
  readonly lines: (lines: readonly string[]) => string
  readonly answer: (text: string) => string
}

/** A text as bash and zsh read it, whatever is in it. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", String.raw`'\''`)}'`
}

/** What bash and zsh write alike. */
export const posixSyntax: Omit<ShellSyntax, 'lines'> = {
  branch: (patterns, body) => `    ${patterns.join('|')}) ${body} ;;`,
  quote: quoted,
  answer: (text) => `REPLY=${quoted(text)}`,
}

/** The branches of the four questions that a completion asks; each shell puts them into a function of its own. */
export interface ShellTable {
  /** By path: the verbs that can follow. */
  readonly verbs: string
  /** By path: the options. */
  readonly flags: string
  /** By `path|option`: the kind of its value. */
  readonly values: string
  /** By `path|number of the argument`: its kind. */
  readonly args: string
}

/** No command line has more arguments that differ. */
const repeatedUpTo = 20

export function shellTable(rows: readonly CompletionRow[], syntax: ShellSyntax): ShellTable {
  const { branch, quote, lines, answer } = syntax
  const branches = (parts: readonly string[]): string => parts.filter((part) => part !== '').join('\n')
  const listed = (pick: (row: CompletionRow) => CompletionRow['verbs']): string =>
    branches(
      rows.map((row) => {
        const words = pick(row).map(({ word, does }) => `${word}\t${does}`)
        return words.length === 0 ? '' : branch([quote(row.path)], lines(words))
      }),
    )
  return {
    verbs: listed(({ verbs }) => verbs),
    flags: listed(({ flags }) => flags),
    values: branches(
      rows.flatMap(({ path, values }) =>
        values.map(({ flags, completed }) =>
          branch(
            flags.map((flag) => quote(`${path}|${flag}`)),
            answer(textOf(completed)),
          ),
        ),
      ),
    ),
    args: branches(rows.flatMap((row) => argBranches(row, syntax))),
  }
}

function argBranches(
  { path, args, isLastRepeated }: CompletionRow,
  { branch, quote, answer }: ShellSyntax,
): readonly string[] {
  return args.map((completed, index) => {
    const isLast = index === args.length - 1
    const numbers =
      isLast && isLastRepeated
        ? Array.from({ length: repeatedUpTo - index }, (_, more) => index + more)
        : [index]
    return branch(
      numbers.map((number) => quote(`${path}|${number}`)),
      answer(textOf(completed)),
    )
  })
}

/** `service`, or `one of: rolling canary`. */
function textOf(completed: Completed): string {
  return typeof completed === 'string' ? completed : `one of: ${completed.join(' ')}`
}
