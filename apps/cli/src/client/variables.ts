import { readFileSync } from 'node:fs'
import { parseEnv } from 'node:util'
import { SkykeepError } from '@skykeep/core/errors'

type Variables = Readonly<Record<string, string>>

/** `--env NAME=VALUE`, or `--env NAME` to take the caller's own value, as SkyPilot does. Never echoes a value. */
export function readVariables(
  option: string,
  given: readonly string[],
  environment: Readonly<Record<string, string | undefined>>,
): Variables {
  const entries = given.map((text): [string, string] => {
    const at = text.indexOf('=')
    const name = at < 0 ? text : text.slice(0, at)
    const value = at < 0 ? environment[name] : text.slice(at + 1)
    if (name !== '' && value !== undefined) return [name, value]
    throw new SkykeepError('INVALID_INPUT', `${option} ${name}: no value`, {
      hint: `Write ${option} ${name || 'NAME'}=VALUE, or set ${name || 'NAME'} in your own environment first.`,
    })
  })
  return Object.fromEntries(entries)
}

/** The variables of a dotenv file. Throws INVALID_INPUT where it cannot be read. */
export function readEnvFile(file: string): Variables {
  try {
    const parsed = parseEnv(readFileSync(file, 'utf8'))
    return Object.fromEntries(Object.entries(parsed).map(([name, value]) => [name, value ?? '']))
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', `--env-file ${file}: cannot be read`, {
      hint: 'Name a file with lines NAME=VALUE.',
      cause,
    })
  }
}
