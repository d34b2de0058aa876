import { readEnv } from '../../apps/cli/src/env.ts'
import { buildProgram } from '../../apps/cli/src/program.ts'
import { verbGroups } from '../../apps/cli/src/program/group.ts'
import type { JsonAnswer, Verb } from '../../apps/cli/src/program/verb.ts'
import { asSentence, inText, madeFrom, markdownTable } from './markdown.ts'

/** `docs/reference/cli.md`: every verb, as its help says it. */
export function cliPage(): string {
  const program = buildProgram(readEnv(['--no-color']), () => undefined)
  const groups = Object.values(verbGroups).map((heading) => {
    const verbs = program.leaves.filter((verb) => verb.group === heading)
    return [`## ${heading}`, ...verbs.map(section)].join('\n\n')
  })
  return ['# The command line', madeFrom('the program'), intro, contents(program), ...groups, ''].join('\n\n')
}

const intro = `From the clone every line is typed as \`npx skykeep …\`. What holds for every verb:

- Results go to standard output, progress and warnings to standard error. Exit codes stand on [a page of their own](exit-codes.md).
- A table fits the terminal: sentences are cut first, then the widest columns, ids and addresses last. Into a pipe or a file it is written whole.
- Colours are used on a terminal only. \`--no-color\` and [NO_COLOR](environment.md) turn them off, FORCE_COLOR on.
- \`--json\` prints one JSON value with at least the fields that stand here: fields are added, never taken away or given another meaning. Times end with \`Ms\`: milliseconds since 1970.
- \`--watch\` draws again with every change until Ctrl-C; with \`--json\` each change is one line. Every verb that reads from a control plane has it, or \`--follow\`.
- Ctrl-C of a verb that waits or watches stops nothing that was asked for: it says what goes on, the line that shows it, and the line that cancels it or takes it back, and ends with 130. \`state backup\`, \`verify\`, \`restore\` and \`move\` stop where nothing is half done, and say what is there; a move that has its new place goes on. A drill stops its load and kills nothing more. \`up\` ends web and worker and itself with 0; gateway and replicas go on. A second Ctrl-C ends the verb at once; nothing is lost by that either.
- A control plane that is away while a verb waits, watches or follows is said once and waited for, 120 seconds or as [SKYKEEP_PATIENCE](environment.md) says; then the verb goes on where it was: no line and no event is left out or comes twice. If it does not come back the verb says what to do and ends with 3.
- A verb that changes something starts a control plane in the background where none runs; one that reads says that none does and ends with 3.`

function contents(program: Verb): string {
  return markdownTable(
    ['verb', 'what it does'],
    program.leaves.map((verb) => [
      `[\`${verb.path}\`](#skykeep-${verb.path.replaceAll(' ', '-')})`,
      verb.description(),
    ]),
  )
}

function section(verb: Verb): string {
  const usage = ['skykeep', verb.path, ...verb.registeredArguments.map(argumentTerm)].join(' ')
  return [
    `### skykeep ${verb.path}`,
    inText(asSentence(verb.description())),
    ...verb.details.flatMap((text) => inText(text).split('\n')),
    `\`\`\`text\n${usage} [options]\n\`\`\``,
    ...argumentTable(verb),
    ...optionTable(verb),
    ...jsonText(verb),
    ['```sh', ...verb.examples.flatMap(({ line, does }) => [`# ${does}`, line]), '```'].join('\n'),
  ].join('\n\n')
}

function argumentTerm(argument: Verb['registeredArguments'][number]): string {
  const shown = `${argument.name()}${argument.variadic ? '...' : ''}`
  return argument.required ? `<${shown}>` : `[${shown}]`
}

function argumentTable(verb: Verb): readonly string[] {
  const rows = verb.registeredArguments.map((argument) => [
    `\`${argumentTerm(argument)}\``,
    argument.description,
  ])
  return rows.length === 0 ? [] : [markdownTable(['argument', 'meaning'], rows)]
}

function optionTable(verb: Verb): readonly string[] {
  const rows = verb.options
    .filter(({ hidden }) => !hidden)
    .map(({ flags, description, defaultValue, argChoices, mandatory }) => {
      const choices = argChoices === undefined ? '' : `; one of ${argChoices.join(', ')}`
      const usual =
        defaultValue === undefined || typeof defaultValue === 'boolean' ? '' : String(defaultValue)
      const given = /^(.*) \(default: (.*)\)$/.exec(description)
      const meaning = `${given?.[1] ?? description}${choices}${mandatory ? '; has to be given' : ''}`
      return [`\`${flags}\``, meaning, usual || (given?.[2] ?? '')]
    })
  return rows.length === 0 ? [] : [markdownTable(['option', 'meaning', 'default'], rows)]
}

function jsonText({ answer, otherAnswers }: Verb): readonly string[] {
  if (answer === undefined) return []
  const shape = ({ kind, fields }: Pick<JsonAnswer, 'kind' | 'fields'>): string => {
    const named = fields.map((field) => `\`${field}\``).join(', ')
    return `${kind === 'object' ? 'one object with' : 'a list of objects with'} ${named}`
  }
  const note = answer.note === undefined ? '' : `; ${inText(answer.note)}`
  const others = otherAnswers.map((other) => ` ${asSentence(`${inText(other.when)}: ${shape(other)}`)}`)
  return [`\`--json\` prints ${shape(answer)}${note}.${others.join('')}`]
}
