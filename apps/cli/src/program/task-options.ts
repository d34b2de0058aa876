import { collect } from './parse.ts'
import type { Verb } from './verb.ts'

/** Adds what a task is given from outside its YAML: variables and secrets. */
export function addTaskOptions(verb: Verb): Verb {
  return verb
    .option(
      '--env <name=value>',
      'variable for setup and run; a bare NAME takes your own value; may be given several times',
      collect,
    )
    .option('--env-file <file>', 'file of variables, one NAME=VALUE a line; --env wins over it')
    .option(
      '--secret <name=value>',
      'secret for setup and run, encrypted at rest; may be given several times',
      collect,
    )
}

/** Adds `--async` to a verb that waits for the end of what it asks for. */
export function addAsync(verb: Verb): Verb {
  return verb.option('--async', 'return as soon as the request is on disk, without waiting')
}
