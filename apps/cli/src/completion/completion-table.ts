import type { Argument, Option } from 'commander'
import { eventTypes } from '@skykeep/core/events'
import type { Verb } from '../program/verb.ts'

/** What can be told of the values of the plane while a person types. */
export const livingKinds = ['service', 'replica', 'version', 'operation'] as const
export type LivingKind = (typeof livingKinds)[number]

/** What completes an argument or the value of an option: a kind of name, files, folders, one of some words, or nothing that we know. */
export type Completed = LivingKind | 'file' | 'folder' | 'verb' | 'none' | readonly string[]

interface Word {
  readonly word: string
  readonly does: string
}

/** What can follow the words that call a verb; those of the program itself are the empty text. */
export interface CompletionRow {
  readonly path: string
  readonly verbs: readonly Word[]
  readonly flags: readonly Word[]
  /** Options that take a value, with what completes it. */
  readonly values: readonly { readonly flags: readonly string[]; readonly completed: Completed }[]
  /** Arguments in their order; the last one repeats where it may. */
  readonly args: readonly Completed[]
  readonly isLastRepeated: boolean
}

/** Everything that completion knows, from the program's own definition. */
export function completionTable(program: Verb): readonly CompletionRow[] {
  const rowsOf = (verb: Verb): readonly CompletionRow[] => [
    rowOf(program, verb),
    ...verb.verbs.flatMap((below) => rowsOf(below)),
  ]
  return rowsOf(program)
}

function rowOf(program: Verb, verb: Verb): CompletionRow {
  const help = program.createHelp()
  const own = help.visibleOptions(verb)
  const everywhere = verb === program ? [] : program.options.filter(({ long }) => long === '--no-color')
  const options = [...own, ...everywhere]
  return {
    path: verb.path,
    verbs: verb.verbs.map((each) => ({ word: each.name(), does: each.description() })),
    flags: options.flatMap((option) => flagsOf(option).map((word) => ({ word, does: option.description }))),
    values: options
      .filter(({ required, optional }) => required || optional)
      .map((option) => ({ flags: flagsOf(option), completed: completedByOption(option) })),
    args: verb.registeredArguments.map(completedByArgument),
    isLastRepeated: verb.registeredArguments.at(-1)?.variadic === true,
  }
}

function flagsOf({ short, long }: Option): readonly string[] {
  return [short, long].filter((flag) => flag !== undefined)
}

function completedByOption({ argChoices, flags }: Option): Completed {
  return argChoices ?? kindOf(/<([a-z-]+)(?:\.\.\.)?>/.exec(flags)?.[1] ?? '')
}

function completedByArgument(argument: Argument): Completed {
  return argument.argChoices ?? kindOf(argument.name())
}

/** The name of a placeholder says what stands there: `<service>`, `<versions...>`. */
function kindOf(placeholder: string): Completed {
  const name = placeholder === 'versions' ? 'version' : placeholder
  if (name === 'event-types') return eventTypes
  if (name === 'file' || name === 'folder' || name === 'verb') return name
  if (name === 'place') return 'file'
  return livingKinds.find((kind) => kind === name) ?? 'none'
}
