import type { Help } from 'commander'
import { wrapped } from '../output/width.ts'
import { verbGroups } from './group.ts'
import type { Verb } from './verb.ts'

const widest = 120

/** The help of the program itself: every verb in one line, by what a person comes to do. */
export function topLevelHelp(program: Verb, help: Help, columns: number): string {
  const width = Math.min(columns, widest)
  const leaves = program.leaves.map((verb) => ({ verb, term: help.subcommandTerm(verb) }))
  const termWidth = Math.max(...leaves.map(({ term }) => term.length)) + 2
  const item = (term: string, text: string): string =>
    `  ${help.styleSubcommandText(term.padEnd(termWidth))}${wrapped(text, width - termWidth - 2, ' '.repeat(termWidth + 2)).trimStart()}`
  const groups = Object.values(verbGroups).flatMap((heading) =>
    ['', help.styleTitle(`${heading}:`)].concat(
      leaves
        .filter(({ verb }) => verb.group === heading)
        .map(({ verb, term }) => item(term, verb.description())),
    ),
  )
  const options = help
    .visibleOptions(program)
    .map((option) => item(help.optionTerm(option), help.optionDescription(option)))
  return [
    `${help.styleTitle('Usage:')} skykeep <verb> [options]`,
    '',
    program.description(),
    ...groups,
    '',
    help.styleTitle('Options of every verb:'),
    ...options,
    '',
    wrapped(
      'Each verb has --help with examples. `skykeep help exit-codes` says what a script is told. From the clone everything is typed as `npx skykeep …`.',
      width,
    ),
    '',
  ].join('\n')
}
