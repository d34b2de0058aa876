import { readFileSync } from 'node:fs'
import { isAbsolute, join, normalize } from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import type { Config } from './config-keys.ts'
import { parseConfig } from './config.ts'

/** Unix socket names end at 107 bytes (unix(7)); the longest of ours adds 24 to the path. */
export const maxPathBytes = 80

export type Environment = Readonly<Record<string, string | undefined>>

export interface ResolvedPath {
  /** Absolute, normalized, without a trailing slash. */
  readonly path: string
  readonly source: 'environment' | 'config' | 'default'
  /** Where it came from, for people: a variable, a file with its key, or `default`. */
  readonly origin: string
  /** The config.yaml that was read or would be read. */
  readonly configFile: string
  readonly config: Config
}

/**
 * The persistent path: SKYPILOT_PERSISTENT_PATH, else `persistent_path:` in config.yaml (SKYKEEP_CONFIG, else ~/.skykeep/config.yaml),
 * else ~/.skykeep. `~` is expanded. Reads config.yaml only. Throws INVALID_INPUT that names the variable or file, the value and the fix.
 */
export function resolvePersistentPath(env: Environment, home: string): ResolvedPath {
  const named = nonEmpty(env['SKYKEEP_CONFIG'])
  const configFile =
    named === undefined ? join(home, '.skykeep', 'config.yaml') : absolute(named, home, 'SKYKEEP_CONFIG')
  const config = readConfig(configFile, named !== undefined)
  const found = { configFile, config }
  const fromEnvironment = nonEmpty(env['SKYPILOT_PERSISTENT_PATH'])
  if (fromEnvironment !== undefined) {
    const origin = 'SKYPILOT_PERSISTENT_PATH'
    return { path: usable(fromEnvironment, home, origin), source: 'environment', origin, ...found }
  }
  if (config.persistentPath !== undefined) {
    const origin = `persistent_path in ${configFile}`
    return { path: usable(config.persistentPath, home, origin), source: 'config', origin, ...found }
  }
  const origin = 'default'
  return { path: usable('~/.skykeep', home, 'the default path'), source: 'default', origin, ...found }
}

function readConfig(file: string, isRequired: boolean): Config {
  let text: string
  try {
    text = readFileSync(file, 'utf8')
  } catch (cause) {
    const code = cause instanceof Error && 'code' in cause ? String(cause.code) : 'unknown error'
    if (!isRequired && (code === 'ENOENT' || code === 'ENOTDIR')) return {}
    const source = isRequired ? `SKYKEEP_CONFIG names ${file}` : file
    throw invalid(
      `${source}, which cannot be read (${code})`,
      'Create it, correct its mode, or unset the variable.',
    )
  }
  return parseConfig(text, file)
}

function usable(value: string, home: string, origin: string): string {
  const path = absolute(value, home, origin)
  if (path === '/')
    throw invalid(`${origin} is the root folder`, 'Name a folder of its own, for example /data/skykeep.')
  const bytes = Buffer.byteLength(path)
  if (bytes > maxPathBytes) {
    throw invalid(
      `${origin} is ${bytes} bytes long; at most ${maxPathBytes} are possible (Unix sockets live in it): ${path}`,
      'Use a shorter path, or a bind mount of it.',
    )
  }
  return path
}

function absolute(value: string, home: string, origin: string): string {
  if (/[\0\n\r]/.test(value)) {
    throw invalid(`${origin} holds a line break or a NUL: ${JSON.stringify(value)}`, 'Remove it.')
  }
  if (value.startsWith('~') && value !== '~' && !value.startsWith('~/')) {
    throw invalid(`${origin} is ${value}: only ~ and ~/… are expanded`, 'Write the folder in full.')
  }
  const expanded = value.startsWith('~') ? join(home, value.slice(1)) : value
  if (!isAbsolute(expanded)) {
    throw invalid(`${origin} is ${value}, which is not absolute`, 'Begin it with / or ~/.')
  }
  const path = normalize(expanded)
  return path.length > 1 && path.endsWith('/') ? path.slice(0, -1) : path
}

function nonEmpty(value: string | undefined): string | undefined {
  return value === undefined || value === '' ? undefined : value
}

function invalid(message: string, hint: string): SkykeepError {
  return new SkykeepError('INVALID_INPUT', message, { hint })
}
