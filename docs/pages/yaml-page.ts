import type { KeyTable, LaterKey, SupportedKey } from '../../packages/spec/src/keys/key-table.ts'
import { keyTables } from '../../packages/spec/src/known-keys.ts'
import { asSentence, inText, madeFrom, markdownTable } from './markdown.ts'

/** `docs/reference/yaml.md`: every key of a service YAML, read or refused. */
export function yamlPage(): string {
  const tables: readonly (readonly [string, KeyTable])[] = Object.entries(keyTables)
  return [
    '# The service YAML',
    madeFrom('the tables that the YAML is read by'),
    intro,
    markdownTable(
      ['keys beneath', 'read', 'refused by name'],
      tables.map(([path, table]) => [
        `[${titleOf(path)}](#${anchorOf(path)})`,
        String(supportedOf(table).length),
        String(laterOf(table).length),
      ]),
    ),
    ...tables.flatMap(([path, table]) => section(path, table)),
    '',
  ].join('\n\n')
}

const intro = `It is [SkyPilot's](https://docs.skypilot.co/en/latest/serving/service-yaml-spec.html), with keys more of its own: a YAML of SkyPilot is read as it stands, or refused by the name of the key that is not there yet, with its line and column. An unknown key is refused too, with the nearest one that there is. Nothing is ever ignored. \`skykeep serve update NAME FILE --diff-only\` shows what a change of the file would change; [services](../services.md) and [serve a model](../serve-a-model.md) show the keys at work.`

function titleOf(path: string): string {
  return path === '' ? 'the top of the file' : `\`${path}\``
}

function anchorOf(path: string): string {
  return path === '' ? 'the-top-of-the-file' : path.replaceAll('.', '')
}

function section(path: string, table: KeyTable): readonly string[] {
  const heading = `## ${path === '' ? 'The top of the file' : path}`
  const read = supportedOf(table).map(([key, known]) => [
    `\`${key}\``,
    inText(asSentence(known.help)),
    linked(known.says),
    known.unlessSaid === null ? '' : known.unlessSaid,
    codeOf(known.example),
  ])
  const refused = laterOf(table).map(([key, known]) => [
    `\`${key}\``,
    known.with,
    inText(asSentence(known.hint ?? 'Remove it')),
  ])
  return [
    heading,
    markdownTable(['key', 'what it is for', 'what may stand there', 'unless said', 'example'], read),
    ...(refused.length === 0
      ? []
      : ['Refused by name:', markdownTable(['key', 'arrives with', 'what to do today'], refused)]),
  ]
}

/** `see the table of \`tls\`` leads there. */
function linked(says: string): string {
  return says.replaceAll(/the table of `([a-z_]+)`/g, (whole, name: string) => {
    const path = Object.keys(keyTables).find((each) => each.split('.').at(-1) === name)
    return path === undefined ? whole : `the table of [\`${name}\`](#${anchorOf(path)})`
  })
}

/** A cell has one line: the lines of a mapping are shown one after the other. */
function codeOf(example: string): string {
  return example
    .split('\n')
    .map((line) => `\`${line.trim()}\``)
    .join(' ')
}

function supportedOf(table: KeyTable): readonly (readonly [string, SupportedKey])[] {
  return Object.entries(table).flatMap(([key, known]) =>
    known.status === 'supported' ? [[key, known] as const] : [],
  )
}

function laterOf(table: KeyTable): readonly (readonly [string, LaterKey])[] {
  return Object.entries(table).flatMap(([key, known]) =>
    known.status === 'later' ? [[key, known] as const] : [],
  )
}
