import { shorten, type ProblemList } from './problem.ts'
import { readText } from './scalars.ts'
import type { Field } from './section.ts'
import { substitute, type Variables } from './substitute.ts'

/** Service names end up in host names and paths: a DNS label, short enough for a suffix. */
const serviceName = /^[a-z](?:[-a-z0-9]{0,40}[a-z0-9])?$/
const maxScriptCharacters = 256 * 1024

/** The service's name: from the command line, else from the file. */
export function readName(
  field: Field | undefined,
  given: string | undefined,
  problems: ProblemList,
): string | undefined {
  const written = field === undefined ? undefined : readText(field, problems)
  const name = given ?? written
  if (name === undefined) return undefined
  if (serviceName.test(name)) return name
  const isFromFile = given === undefined && field !== undefined
  const better = name
    .toLowerCase()
    .replaceAll(/[^a-z0-9]+/g, '-')
    .replaceAll(/^[-0-9]+|-+$/g, '')
    .slice(0, 42)
  problems.error({
    path: 'name',
    span: isFromFile ? field.node.span : { start: 0, end: 0 },
    value: shorten(name),
    message: `${isFromFile ? '' : `the given name ${JSON.stringify(shorten(name))} cannot be used: `}a service’s name has 1 to 42 characters: a-z, 0-9 and -, starts with a letter, does not end with -`,
    hint: `Write for example \`${serviceName.test(better) ? better : 'my-service'}\`.`,
  })
  return undefined
}

/** `setup` or `run`: shell text of at most 256 KiB. */
export function readScript(field: Field | undefined, problems: ProblemList): string | undefined {
  if (field === undefined) return undefined
  const isNothing = field.node.kind === 'scalar' && field.node.value === null
  if (isNothing && field.path === 'setup') return undefined
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const isEmpty = text.trim() === '' && field.path === 'run'
  if (!isEmpty && text.length <= maxScriptCharacters) return text
  problems.error({
    path: field.path,
    span: field.keySpan,
    value: isEmpty ? 'empty text' : `${text.length} characters`,
    message: isEmpty
      ? '`run` is empty'
      : `\`${field.path}\` may have at most ${maxScriptCharacters} characters`,
    hint: isEmpty
      ? 'Write the command that starts the server.'
      : 'Put the script into a file of the workdir and call it.',
    shows: 'head',
  })
  return undefined
}

/** `workdir`: a local folder as written, envs filled in. */
export function readWorkdir(
  field: Field | undefined,
  variables: Variables,
  problems: ProblemList,
): string | undefined {
  if (field === undefined) return undefined
  if (field.node.kind === 'map') {
    problems.error({
      path: field.path,
      span: field.keySpan,
      value: 'a map',
      message: '`workdir` from a git repository is not supported yet: it arrives with git working folders',
      hint: 'Clone the repository and write its folder, or clone it in `setup`.',
      shows: 'head',
    })
    return undefined
  }
  const text = readText(field, problems)
  if (text === undefined) return undefined
  const folder = substitute(text, variables, { path: field.path, span: field.node.span }, problems)
  const isFolder =
    folder.trim() !== '' && folder.length <= 4096 && !/^[a-z][a-z0-9+]*:\/\/|^git@/i.test(folder)
  if (isFolder && !/[\r\n]/.test(folder)) return folder
  problems.error({
    path: field.path,
    span: field.node.span,
    value: shorten(folder),
    message: '`workdir` must be the path of a local folder',
    hint: 'Write for example `workdir: .` or `workdir: examples/hello`.',
  })
  return undefined
}

/** Reports a key that a service cannot do without. */
export function reportMissing(key: 'name' | 'run' | 'service', hint: string, problems: ProblemList): void {
  problems.error({
    path: key,
    span: { start: 0, end: 0 },
    value: 'nothing',
    message: `\`${key}\` is missing`,
    hint,
    shows: 'nothing',
  })
}
