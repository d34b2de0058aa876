import { suggest } from '@skykeep/spec/suggest'
import type { Verb } from './verb.ts'

/** What commander says of a line that it does not understand, with the nearest thing that is meant and where to look. */
export function usageError(program: Verb, text: string): string {
  const verb = verbOf(program)
  const hint = hintOf(program, verb, text)
  const help = `See \`npx skykeep ${verb.path === '' ? '' : `${verb.path} `}--help\`.`
  const line = text.trimEnd()
  return `${line}\n${hint === undefined ? '' : `       Did you mean \`${hint}\`?\n`}       ${help}\n`
}

/** The innermost verb that was understood. */
function verbOf(program: Verb): Verb {
  let verb = program
  for (const word of program.args) {
    const next = verb.verbs.find((each) => each.name() === word)
    if (next === undefined) break
    verb = next
  }
  return verb
}

function hintOf(program: Verb, verb: Verb, text: string): string | undefined {
  const command = /unknown command '(.*)'/.exec(text)?.[1]
  if (command !== undefined) return commandMeant(program, verb, command)
  const option = /unknown option '(--[^'=]*)/.exec(text)?.[1]
  if (option === undefined) return undefined
  const known = [...verb.options, ...program.options].flatMap(({ long }) => long ?? [])
  // The comparison reads dashes as underscores.
  const nearest = suggest(
    option.slice(2),
    [...known, '--help'].map((long) => long.slice(2).replaceAll('-', '_')),
  )
  return nearest === undefined ? undefined : `--${nearest.replaceAll('_', '-')}`
}

/** Of the same group first, else a verb of that name in another one. */
function commandMeant(program: Verb, verb: Verb, command: string): string | undefined {
  const here = suggest(
    command,
    verb.verbs.map((each) => each.name()),
  )
  if (here !== undefined) return `npx skykeep ${`${verb.path} ${here}`.trim()}`
  const elsewhere = program.leaves.find((each) => each.name() === command)
  return elsewhere === undefined ? undefined : `npx skykeep ${elsewhere.path}`
}
