import { SkykeepError } from '@skykeep/core/errors'
import { suggest } from '@skykeep/spec/suggest'
import { exitCodeMeanings, exitCodes } from '../commands/failure.ts'
import { wrapped } from '../output/width.ts'
import { verbGroups, type AddVerbs } from './group.ts'
import type { Verb } from './verb.ts'

interface Topic {
  readonly about: string
  readonly text: (columns: number) => string
}

const indent = 6

/** Pages of the help that are about no verb. */
const topics: Readonly<Record<string, Topic>> = {
  'exit-codes': {
    about: 'what each exit code means',
    text: (columns) =>
      Object.entries(exitCodeMeanings)
        .map(([name, meaning]) => {
          const code = String(exitCodes[name as keyof typeof exitCodes]).padStart(4)
          return `${code}${wrapped(meaning, columns - indent, ' '.repeat(indent)).slice(4)}`
        })
        .join('\n'),
  },
}

const topicNames = Object.keys(topics)

/** `skykeep help [VERB…]` and `skykeep help TOPIC`. */
export const addHelp: AddVerbs = (program, env, report) => {
  program
    .command('help')
    .helpGroup(verbGroups.help)
    .description('this list, the help of a verb, or of a topic: exit-codes')
    .argument('[verb...]', 'such as `serve up`; or a topic')
    .example('skykeep help serve up', 'what it does, its options, and examples')
    .example('skykeep help exit-codes', 'what a script is told')
    .action((words: readonly string[]) => {
      const topic = words.length === 1 ? topics[words[0] ?? ''] : undefined
      process.stdout.write(
        topic === undefined
          ? verbAt(program, words).helpInformation()
          : `${topic.text(Math.min(env.columns, 120))}\n`,
      )
      if (topic === undefined) report(0)
    })
}

/** The verb that these words call. Throws INVALID_INPUT with the nearest one. */
function verbAt(program: Verb, words: readonly string[]): Verb {
  let verb = program
  for (const word of words) {
    const next = verb.verbs.find((each) => each.name() === word)
    if (next === undefined) throw unknownVerb(verb, word)
    verb = next
  }
  return verb
}

function unknownVerb(above: Verb, word: string): SkykeepError {
  const names = above.verbs.map((verb) => verb.name())
  const nearest = suggest(word, [...names, ...(above.parent === null ? topicNames : [])])
  const where = above.path === '' ? '' : ` in \`${above.path}\``
  return new SkykeepError('INVALID_INPUT', `help: there is no verb ${JSON.stringify(word)}${where}`, {
    hint:
      nearest === undefined
        ? 'Run `skykeep help` to see what there is.'
        : `Did you mean \`skykeep help ${`${above.path} ${nearest}`.trim()}\`?`,
  })
}
