import { readerOf, type EnvironmentVariables } from '@skykeep/core/environment'
import { SkykeepError } from '@skykeep/core/errors'
import { configDefaults } from '@skykeep/persistent-path/config-keys'

const defaultProcesses = configDefaults.gatewayProcesses
const maxProcesses = 64

/** What a gateway process reads of its environment, once. */
export interface GatewayEnv {
  /** Absolute, resolved. */
  readonly persistentPath: string
  /** How many processes serve together, 1 to 64. */
  readonly processCount: number
  readonly build: string
  /** Set by the leader for the processes that it forks; undefined in a leader. */
  readonly slot: number | undefined
  /** Passed on to siblings. */
  readonly all: Readonly<Record<string, string | undefined>>
}

/** The name of the variable that carries a sibling's slot. */
export const slotVariable = 'SKYKEEP_GATEWAY_SLOT'

/** Every variable that a gateway process reads. */
export const gatewayVariables = {
  SKYKEEP_PERSISTENT_PATH: { meaning: 'The persistent path, absolute and resolved.' },
  SKYKEEP_GATEWAY_PROCESSES: {
    meaning: `How many processes serve together, 1 to ${maxProcesses}: \`gateway.processes\` of config.yaml.`,
    usual: String(defaultProcesses),
  },
  SKYKEEP_BUILD: { meaning: 'Folder of the build that it came from.', usual: 'source' },
  [slotVariable]: {
    meaning: 'Number of this process among them; set by the first for those that it starts.',
    usual: 'this is the first',
  },
} as const satisfies EnvironmentVariables

/** @throws SkykeepError INVALID_INPUT that names the variable. */
export function readEnv(): GatewayEnv {
  const all = process.env
  const optional = readerOf(gatewayVariables, all)
  const persistentPath = optional('SKYKEEP_PERSISTENT_PATH') ?? ''
  if (!persistentPath.startsWith('/')) {
    throw new SkykeepError('INVALID_INPUT', 'SKYKEEP_PERSISTENT_PATH must be an absolute path', {
      hint: 'Start the gateway with `skykeep up`, which sets it.',
    })
  }
  const count = numberIn(optional('SKYKEEP_GATEWAY_PROCESSES'), 'SKYKEEP_GATEWAY_PROCESSES')
  const processCount = Math.min(maxProcesses, Math.max(1, count ?? defaultProcesses))
  return {
    persistentPath,
    processCount,
    build: optional('SKYKEEP_BUILD') ?? 'source',
    slot: numberIn(optional(slotVariable), slotVariable),
    all,
  }
}

function numberIn(text: string | undefined, name: string): number | undefined {
  if (text === undefined) return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new SkykeepError('INVALID_INPUT', `${name} must be a whole number, not ${JSON.stringify(text)}`)
}
