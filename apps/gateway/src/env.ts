import { SkykeepError } from '@skykeep/core/errors'

const defaultProcesses = 2
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

/** @throws SkykeepError INVALID_INPUT that names the variable. */
export function readEnv(): GatewayEnv {
  const all = process.env
  const persistentPath = all['SKYKEEP_PERSISTENT_PATH'] ?? ''
  if (!persistentPath.startsWith('/')) {
    throw new SkykeepError('INVALID_INPUT', 'SKYKEEP_PERSISTENT_PATH must be an absolute path', {
      hint: 'Start the gateway with `skykeep up`, which sets it.',
    })
  }
  const count = numberIn(all['SKYKEEP_GATEWAY_PROCESSES'], 'SKYKEEP_GATEWAY_PROCESSES')
  const processCount = Math.min(maxProcesses, Math.max(1, count ?? defaultProcesses))
  return {
    persistentPath,
    processCount,
    build: all['SKYKEEP_BUILD'] ?? 'source',
    slot: numberIn(all[slotVariable], slotVariable),
    all,
  }
}

function numberIn(text: string | undefined, name: string): number | undefined {
  if (text === undefined || text === '') return undefined
  const value = Number(text)
  if (Number.isSafeInteger(value) && value >= 0) return value
  throw new SkykeepError('INVALID_INPUT', `${name} must be a whole number, not ${JSON.stringify(text)}`)
}
