import { supported, type KeyTable } from './key-table.ts'

/** The keys of `service.schedule`. */
export const scheduleKeys: KeyTable = {
  time_zone: supported({
    help: 'Whose clock the off-hours are read on.',
    says: 'an IANA name such as `Europe/Berlin`',
    unlessSaid: null,
    example: 'time_zone: Europe/Berlin',
  }),
  off_hours: supported({
    help: 'The windows in which fewer replicas run.',
    says: 'a list: `mon-fri 20:00-07:00`, or a map: see the table of `off_hours`',
    unlessSaid: null,
    example: 'off_hours: [mon-fri 20:00-07:00]',
  }),
  replicas: supported({
    help: 'How many replicas run in off-hours.',
    says: '0 to what the service runs at most',
    unlessSaid: '0',
    example: 'replicas: 1',
  }),
  warm_up_minutes: supported({
    help: 'How long before the end of off-hours replicas are started.',
    says: 'minutes: 0 to 120',
    unlessSaid: '10',
    example: 'warm_up_minutes: 5',
  }),
}

/** The keys of one window of `service.schedule.off_hours`. */
export const offHoursKeys: KeyTable = {
  days: supported({
    help: 'The days on which the window begins.',
    says: 'a list of days, a range such as `mon-fri`, or `daily`',
    unlessSaid: 'daily',
    example: 'days: mon-fri',
  }),
  from: supported({
    help: 'When the window begins.',
    says: 'a time such as `"20:00"`',
    unlessSaid: null,
    example: 'from: "20:00"',
  }),
  to: supported({
    help: 'When the window ends: on the following day where it is not after `from`.',
    says: 'a time such as `"07:00"`',
    unlessSaid: null,
    example: 'to: "07:00"',
  }),
}
