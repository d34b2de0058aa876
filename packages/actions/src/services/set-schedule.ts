import { isDeepStrictEqual } from 'node:util'
import { SkykeepError } from '@skykeep/core/errors'
import type { RequestedView } from '@skykeep/core/views'
import { isTimeZone, suggestTimeZone } from '@skykeep/spec/time-zone'
import { authorize } from '../authorize.ts'
import type { ActionContext } from '../context.ts'
import { ask } from './ask.ts'
import type { SetScheduleInput } from './schemas.ts'

/**
 * Sets the off-hours of a service over those of its YAML: a schedule without off-hours means none at all, null those of the YAML again.
 * Throws NOT_FOUND, CONFLICT, INVALID_INPUT (a time zone that nobody knows), FENCED.
 */
export async function setSchedule(context: ActionContext, input: SetScheduleInput): Promise<RequestedView> {
  authorize(context.actor, 'service:write')
  const { name, schedule } = input
  if (schedule !== null) checkTimeZone(schedule.timeZone)
  const what =
    schedule === null
      ? 'gave the off-hours back to the YAML of'
      : schedule.offHours.length === 0
        ? 'took every off-hour from'
        : 'set the off-hours of'
  return await ask(context, name, {
    verb: 'serve.schedule',
    desireOf: (service) =>
      isDeepStrictEqual(service.schedule, schedule)
        ? null
        : { schedule, message: `${context.actor.name} ${what} ${name}.` },
  })
}

function checkTimeZone(timeZone: string): void {
  if (isTimeZone(timeZone)) return
  const near = suggestTimeZone(timeZone)
  throw new SkykeepError('INVALID_INPUT', `unknown time zone ${JSON.stringify(timeZone)}`, {
    userMessage: `There is no time zone ${JSON.stringify(timeZone)}.`,
    hint: `${near === undefined ? '' : `Did you mean ${near}? `}Give a name of the IANA database, such as Europe/Berlin, America/New_York or UTC.`,
  })
}
