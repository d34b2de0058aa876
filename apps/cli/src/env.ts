import { homedir } from 'node:os'
import { readerOf, type EnvironmentVariables } from '@skykeep/core/environment'
import { SkykeepError } from '@skykeep/core/errors'
import { wantsColours } from './output/paint.ts'

/** Every variable that the command line reads, `up` and what it starts among it. */
export const cliVariables = {
  SKYPILOT_PERSISTENT_PATH: {
    meaning: 'The persistent path: absolute, or begun with `~/`. Wins over config.yaml.',
    usual: '`persistent_path` of config.yaml, else ~/.skykeep',
  },
  SKYKEEP_CONFIG: { meaning: 'The config.yaml to read.', usual: '~/.skykeep/config.yaml' },
  SKYKEEP_MASTER_KEY: {
    meaning: 'The master key that opens secrets, where it is not to lie in the persistent path.',
    usual: 'keys/master.key of the persistent path',
  },
  SKYKEEP_ALLOWED_HOSTS: {
    meaning:
      'Read by `up`: further values of the Host header that the dashboard answers to (a proxy in front), separated by commas.',
    usual: 'none',
  },
  SKYKEEP_SIM: {
    meaning: 'Read by `up`: settings of the simulated cloud, as JSON.',
    usual: 'its own',
  },
  OTEL_EXPORTER_OTLP_ENDPOINT: {
    meaning:
      'Read by `up`: where traces are sent, base address of an OTLP/HTTP receiver. Wins over config.yaml.',
    usual: '`telemetry.otlp_endpoint` of config.yaml, else nothing is traced',
  },
  SKYKEEP_DEBUG: {
    meaning: 'Any text: an error that Skykeep does not know is shown with its stack, on standard error.',
    usual: 'the stack goes into a log',
  },
  NO_COLOR: { meaning: 'Any text: no colours, as `--no-color` (no-color.org).', usual: 'not set' },
  FORCE_COLOR: {
    meaning: 'Colours also where the output is no terminal; `0` and `false`: none at all.',
    usual: 'colours on a terminal only',
  },
  TERM: { meaning: '`dumb`: a terminal without colours.', usual: 'set by the terminal' },
  SKYKEEP_PATIENCE: {
    meaning:
      'How many seconds a verb that waits or watches waits for a control plane that is away meanwhile; 0: not at all.',
    usual: '120',
  },
  HOME: { meaning: 'What `~` stands for.', usual: 'the home folder of your account' },
  SKYKEEP_BUILD: {
    meaning: 'Folder of the build; `npx skykeep` and `npm start` set it.',
    usual: 'none: nothing can be started',
  },
} as const satisfies EnvironmentVariables

/** What the command line reads of its environment, once. */
export interface CliEnv {
  readonly all: Readonly<Record<string, string | undefined>>
  readonly home: string
  readonly cwd: string
  /** Folder of the build that this command line came from. */
  readonly build: string | undefined
  /** How long a control plane may be away while somebody waits or watches, milliseconds. */
  readonly patienceMs: number
  readonly hasColours: boolean
  /** Cells of a line: of the terminal now, or without a bound where the output is no terminal. */
  readonly columns: number
  /** Results are read by a person as they come. */
  readonly isTerminal: boolean
  /** A person can be asked: input and messages are a terminal. */
  readonly isInteractive: boolean
}

/** The environment, and of the arguments what has to be known before they are understood. */
export function readEnv(args: readonly string[]): CliEnv {
  const all = process.env
  const given = readerOf(cliVariables, all)
  const isTerminal = process.stdout.isTTY === true
  return {
    all,
    home: given('HOME') ?? homedir(),
    cwd: process.cwd(),
    build: given('SKYKEEP_BUILD'),
    get patienceMs() {
      return 1000 * secondsOf(given('SKYKEEP_PATIENCE') ?? '120')
    },
    hasColours: wantsColours(all, args, isTerminal),
    get columns() {
      return isTerminal ? process.stdout.columns : Number.MAX_SAFE_INTEGER
    },
    isTerminal,
    isInteractive: process.stdin.isTTY === true && process.stderr.isTTY === true,
  }
}

/** Throws INVALID_INPUT. */
function secondsOf(text: string): number {
  const seconds = Number(text)
  if (/^\d+(?:\.\d+)?$/.test(text) && seconds <= 86_400) return seconds
  throw new SkykeepError(
    'INVALID_INPUT',
    `SKYKEEP_PATIENCE ${JSON.stringify(text)}: not a number of seconds`,
    {
      hint: 'Give a number from 0 to 86400, or leave it out: then it is 120.',
    },
  )
}
