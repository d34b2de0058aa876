import { SkykeepError } from '@skykeep/core/errors'
import type { OffHours, ScheduleSpec } from '@skykeep/core/service-spec'
import { parseOffHours } from '@skykeep/spec/off-hours'
import type { Session } from '../client/session.ts'
import { scheduleLines } from '../output/schedule-text.ts'
import { showFound } from '../output/watching.ts'
import { seeAsked, type AskOptions } from './serve-pause.ts'

export interface ServeScheduleOptions extends AskOptions {
  /** Windows as typed: `mon-fri 20:00-07:00`. */
  readonly off?: readonly string[]
  readonly timeZone?: string
  /** Replicas during off-hours. */
  readonly replicas?: number
  /** Minutes. */
  readonly warmUp?: number
  /** No off-hours at all. */
  readonly clear?: boolean
  readonly fromYaml?: boolean
  /** Shows what holds again with every change. */
  readonly watch?: boolean
}

/** What of the service is asked for; undefined: it is only looked at, null: the YAML's again. */
type Wish = ScheduleSpec | null | undefined

const defaultWarmUpMinutes = 10

/**
 * What the options ask for, checked before anything is asked of a plane. Throws INVALID_INPUT for a window that none is, and for options
 * that exclude each other.
 */
export function scheduleWish(options: ServeScheduleOptions): Wish {
  const { off = [], timeZone, replicas, warmUp, clear, fromYaml } = options
  const isSet = off.length > 0
  const isAdjusted = timeZone !== undefined || replicas !== undefined || warmUp !== undefined
  const count = [isSet, clear === true, fromYaml === true].filter(Boolean).length
  if (options.watch === true && count > 0) {
    throw new SkykeepError('INVALID_INPUT', '--watch with an option that changes the off-hours', {
      userMessage: '`--watch` shows off-hours and changes none.',
      hint: 'Set them first; then `skykeep serve schedule NAME --watch`.',
    })
  }
  if (count > 1 || (isAdjusted && !isSet)) {
    throw new SkykeepError('INVALID_INPUT', 'options of serve schedule that exclude each other', {
      userMessage:
        count > 1
          ? '`--off`, `--clear` and `--from-yaml` exclude each other.'
          : '`--time-zone`, `--replicas` and `--warm-up` need `--off`.',
      hint: 'For example: --off "mon-fri 20:00-07:00" --time-zone Europe/Berlin',
    })
  }
  if (fromYaml === true) return null
  if (!isSet && clear !== true) return undefined
  return {
    timeZone: timeZone ?? Intl.DateTimeFormat().resolvedOptions().timeZone,
    offHours: off.map(readWindow),
    replicas: replicas ?? 0,
    warmUpMinutes: warmUp ?? defaultWarmUpMinutes,
  }
}

function readWindow(text: string): OffHours {
  const read = parseOffHours(text)
  if ('offHours' in read) return read.offHours
  throw new SkykeepError('INVALID_INPUT', `--off ${JSON.stringify(text)}`, {
    userMessage: `--off: ${read.problem}.`,
    hint: 'For example: --off "mon-fri 20:00-07:00" --off "sat,sun 00:00-24:00"',
  })
}

/** `skykeep serve schedule NAME`: sets the off-hours of a service, or shows them with what comes next. Returns the exit code. */
export async function serveSchedule(
  session: Session,
  { name, wish }: { readonly name: string; readonly wish: Wish },
  options: ServeScheduleOptions,
): Promise<number> {
  if (wish === undefined) return await show(session, name, options)
  const asked = await session.api.services.setSchedule.mutate({ name, schedule: wish })
  const done =
    wish === null ? 'off-hours of the YAML:' : wish.offHours.length === 0 ? 'no off-hours:' : 'off-hours set:'
  return await seeAsked(session, asked, {
    ...options,
    doing: 'off-hours',
    done,
    what: (service) => `what the off-hours of ${service} ask for now`,
    takeBack: (service) => `to take them back: \`skykeep serve schedule ${service} --clear\``,
  })
}

async function show(session: Session, name: string, options: ServeScheduleOptions): Promise<number> {
  return await showFound(session, options, async () => {
    const { schedule, isPaused } = await session.api.services.get.query({ name })
    return {
      json: { name, isPaused, schedule },
      show: ({ print }) => scheduleLines({ schedule, isPaused, name }).forEach((line) => print(line)),
    }
  })
}
