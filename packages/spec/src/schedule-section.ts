import type { OffHours, ScheduleSpec, Weekday } from '@skykeep/core/service-spec'
import { parseDays, parseOffHours, parseTime, windowOf } from './off-hours.ts'
import type { ProblemList } from './problem.ts'
import { reportKey, reportValue } from './report.ts'
import { readNumber, readText } from './scalars.ts'
import { readMap, readSection, type Field } from './section.ts'
import { isTimeZone, suggestTimeZone } from './time-zone.ts'
import type { YamlNode } from './yaml-tree.ts'

const maxWindows = 50
const defaultWarmUpMinutes = 10
const daysHint = 'Write for example `days: [mon, tue]`, `days: mon-fri` or `days: daily`.'

/** `service.schedule`; undefined: none, or it was reported. `mostReplicas`: what the service runs at most when it is open. */
export function readSchedule(
  field: Field | undefined,
  mostReplicas: number,
  problems: ProblemList,
): ScheduleSpec | undefined {
  const map = field === undefined ? undefined : readMap(field, problems)
  if (field === undefined || map === undefined) return undefined
  const fields = readSection(map, 'service.schedule', problems)
  const timeZone = readTimeZone(field, fields.get('time_zone'), problems)
  const offHours = readWindows(field, fields.get('off_hours'), problems)
  const replicas = readReplicas(fields.get('replicas'), mostReplicas, problems)
  const warmUp = fields.get('warm_up_minutes')
  const warmUpMinutes =
    warmUp === undefined
      ? defaultWarmUpMinutes
      : readNumber(warmUp, { least: 0, most: 120, isInteger: true }, problems)
  if (timeZone === undefined || offHours === undefined || warmUpMinutes === undefined) return undefined
  return { timeZone, offHours, replicas, warmUpMinutes }
}

function readTimeZone(schedule: Field, field: Field | undefined, problems: ProblemList): string | undefined {
  if (field === undefined) {
    const message = '`service.schedule` needs `time_zone`: the clock that its times are read on'
    reportKey(
      schedule,
      { message, hint: 'Write for example `time_zone: Europe/Berlin`, or `UTC`.' },
      problems,
    )
    return undefined
  }
  const name = readText(field, problems)
  if (name === undefined || isTimeZone(name)) return name
  const near = suggestTimeZone(name)
  const message = `\`${field.path}\` must be a name of the IANA time zone database`
  const hint = `${near === undefined ? '' : `Did you mean \`${near}\`? `}Write for example \`Europe/Berlin\`, \`America/New_York\` or \`UTC\`.`
  reportValue(field, { message, hint }, problems)
  return undefined
}

function readReplicas(field: Field | undefined, mostReplicas: number, problems: ProblemList): number {
  const range = { least: 0, most: 100, isInteger: true }
  const replicas = field === undefined ? 0 : readNumber(field, range, problems)
  if (field === undefined || replicas === undefined || replicas <= mostReplicas) return replicas ?? 0
  const message = `\`${field.path}\` is above the ${mostReplicas} that the service runs at most when it is open`
  reportValue(
    field,
    { message, hint: 'Write a lower number: off-hours need fewer replicas, or none.' },
    problems,
  )
  return mostReplicas
}

function readWindows(
  schedule: Field,
  field: Field | undefined,
  problems: ProblemList,
): readonly OffHours[] | undefined {
  const items = field?.node.kind === 'list' ? field.node.items : undefined
  if (field !== undefined && items !== undefined && items.length > 0 && items.length <= maxWindows) {
    const windows = items.map((item, index) => readWindow(field, item, index, problems))
    return windows.every((window) => window !== undefined) ? windows : undefined
  }
  const message = `\`service.schedule.off_hours\` must be a list of 1 to ${maxWindows} windows`
  const hint = 'Write `- mon-fri 20:00-07:00` below it, or `- {days: mon-fri, from: "20:00", to: "07:00"}`.'
  reportKey(field ?? schedule, { message, hint }, problems)
  return undefined
}

function readWindow(list: Field, node: YamlNode, index: number, problems: ProblemList): OffHours | undefined {
  const field = { path: `${list.path}[${index}]`, keySpan: list.keySpan, node }
  if (node.kind === 'scalar') {
    const text = readText(field, problems)
    const read = text === undefined ? undefined : parseOffHours(text)
    if (read === undefined || 'offHours' in read) return read?.offHours
    reportValue(field, { message: read.problem, hint: 'Write for example `mon-fri 20:00-07:00`.' }, problems)
    return undefined
  }
  const map = readMap(field, problems)
  if (map === undefined) return undefined
  const fields = readSection(map, 'service.schedule.off_hours', problems, field.path)
  const days = readDays(fields.get('days'), problems)
  const from = readTime(field, fields.get('from'), 'from', problems)
  const to = readTime(field, fields.get('to'), 'to', problems)
  return days === undefined || from === undefined || to === undefined ? undefined : windowOf(days, from, to)
}

/** A list of days, or text such as `mon-fri`; absent: daily. */
function readDays(field: Field | undefined, problems: ProblemList): readonly Weekday[] | undefined {
  if (field === undefined) return parseDays('daily')
  const { node } = field
  const texts = node.kind === 'list' ? node.items.map((item) => textOf(item)) : [textOf(node)]
  const days = texts.includes(undefined) || texts.length === 0 ? undefined : parseDays(texts.join(','))
  if (days !== undefined) return days
  const message = `\`${field.path}\` must name days of the week: mon, tue, wed, thu, fri, sat, sun, a range, or daily`
  reportValue(field, { message, hint: daysHint }, problems)
  return undefined
}

function textOf(node: YamlNode): string | undefined {
  return node.kind === 'scalar' && typeof node.value === 'string' ? node.source : undefined
}

/** YAML 1.1 takes an unquoted 20:00 for 1200; here it is the time that was meant, and only a number is refused. */
function readTime(
  window: Field,
  field: Field | undefined,
  key: 'from' | 'to',
  problems: ProblemList,
): string | undefined {
  if (field === undefined) {
    const message = `\`${window.path}\` needs \`${key}\``
    reportKey(window, { message, hint: `Write for example \`${key}: "20:00"\`.` }, problems)
    return undefined
  }
  const time = parseTime(textOf(field.node) ?? '')
  if (time !== undefined && !(key === 'from' && time === '24:00')) return time
  const message = `\`${field.path}\` must be a time HH:MM from 00:00 to ${key === 'from' ? '23:59' : '24:00'}`
  const isNumber = field.node.kind === 'scalar' && typeof field.node.value === 'number'
  const hint = isNumber ? 'Write it in quotes, such as "20:00".' : `Write for example \`${key}: "20:00"\`.`
  reportValue(field, { message, hint }, problems)
  return undefined
}
