export type Colour = 'green' | 'yellow' | 'red' | 'blue' | 'dim' | 'bold'

const codes: Readonly<Record<Colour, number>> = { bold: 1, dim: 2, red: 31, green: 32, yellow: 33, blue: 34 }

export type Paint = (colour: Colour, text: string) => string

/** Colours where the terminal has them, plain text everywhere else. */
export function painter(hasColours: boolean): Paint {
  return hasColours ? (colour, text) => `\u001B[${codes[colour]}m${text}\u001B[0m` : (_colour, text) => text
}

/**
 * Whether output is coloured: `--no-color` and NO_COLOR (any text, no-color.org) say no; FORCE_COLOR says yes but for `0` and `false`; else a
 * terminal that is not dumb has colours.
 */
export function wantsColours(
  environment: Readonly<Record<string, string | undefined>>,
  args: readonly string[],
  isTerminal: boolean,
): boolean {
  const { NO_COLOR: none, FORCE_COLOR: forced } = environment
  if (args.includes('--no-color') || (none !== undefined && none !== '')) return false
  if (forced !== undefined && forced !== '') return forced !== '0' && forced !== 'false'
  return isTerminal && environment['TERM'] !== 'dumb'
}

const tones: Readonly<Record<string, Colour>> = {
  READY: 'green',
  SUCCEEDED: 'green',
  OPEN: 'green',
  running: 'green',
  REPLICA_INIT: 'blue',
  PENDING: 'blue',
  PROVISIONING: 'blue',
  STARTING: 'blue',
  RUNNING: 'blue',
  NOT_READY: 'yellow',
  NO_REPLICA: 'yellow',
  DRAINING: 'yellow',
  SHUTTING_DOWN: 'yellow',
  draining: 'yellow',
  'not answering': 'yellow',
  FAILED: 'red',
  LOST: 'red',
  CONTROLLER_FAILED: 'red',
  BLOCKED: 'red',
  PAUSED: 'yellow',
  PROGRESSING: 'blue',
  ROLLING_BACK: 'yellow',
  ROLLED_BACK: 'red',
  gone: 'red',
}

/** The colour that a status has everywhere on the command line. */
export function toneOf(status: string): Colour {
  return tones[status] ?? 'dim'
}
