import { configKeys, type ConfigKey } from '../../packages/persistent-path/src/config-keys.ts'
import { madeFrom, markdownTable } from './markdown.ts'

/** `docs/reference/configuration.md`: every key of config.yaml. */
export function configurationPage(): string {
  const keys = Object.entries(configKeys)
  return [
    '# config.yaml',
    madeFrom('the declaration that config.yaml is read by'),
    `It is optional, and every key in it. It is looked for in [SKYKEEP_CONFIG](environment.md), else at \`~/.skykeep/config.yaml\`. An unknown key or a value out of range is refused with file, line and what is meant; nothing is ignored. Options of the command line win over it. Keys are read when \`skykeep up\` starts; \`persistent_path\` is followed at once.`,
    markdownTable(
      ['key', 'type', 'default', 'meaning'],
      keys.map(([name, key]) => [`\`${name}\``, typeOf(key), key.usual, key.meaning]),
    ),
    'A key with a dot stands in a mapping. Every key at once:',
    `\`\`\`yaml\n${everyKey()}\`\`\``,
    '',
  ].join('\n\n')
}

function typeOf(key: ConfigKey): string {
  return key.kind === 'text' ? 'text' : `whole number, ${key.min} to ${key.max}`
}

/** A config.yaml with every key in it. */
export function everyKey(): string {
  let text = ''
  let section = ''
  for (const [path, { example }] of Object.entries(configKeys)) {
    const [first = '', second] = path.split('.')
    if (second !== undefined && first !== section) text += `${first}:\n`
    section = second === undefined ? '' : first
    text += second === undefined ? `${first}: ${example}\n` : `  ${second}: ${example}\n`
  }
  return text
}
