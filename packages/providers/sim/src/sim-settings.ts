import { SkykeepError } from '@skykeep/core/errors'
import { defaultZones, type SimZone } from './sim-catalog.ts'

/**
 * The default zones with settings that hold for all of them: `bootMs` (from, to), `meanSpotLifeMs` (null: for ever), `noticeMs`, `stock`.
 * @throws INVALID_INPUT that names what is wrong.
 */
export function readSimZones(settings: object): readonly SimZone[] {
  const read: Partial<SimZone>[] = Object.entries(settings).map(([key, value]) => readSetting(key, value))
  const all: Partial<SimZone> = Object.assign({}, ...read)
  return defaultZones.map((zone) => Object.assign({}, zone, all))
}

function readSetting(key: string, value: unknown): Partial<SimZone> {
  switch (key) {
    case 'bootMs': {
      const [from, to] = Array.isArray(value) ? value : []
      return { bootMs: [amount(key, from), amount(key, to)] }
    }
    case 'meanSpotLifeMs':
      return { meanSpotLifeMs: value === null ? null : amount(key, value) }
    case 'noticeMs':
      return { noticeMs: amount(key, value) }
    case 'stock':
      return { stock: amount(key, value) }
    default:
      throw new SkykeepError('INVALID_INPUT', `sim has no setting ${key}`)
  }
}

function amount(key: string, value: unknown): number {
  if (typeof value === 'number' && Number.isFinite(value) && value >= 0) return value
  throw new SkykeepError(
    'INVALID_INPUT',
    `${key} of sim must be a number from 0, not ${JSON.stringify(value)}`,
  )
}
