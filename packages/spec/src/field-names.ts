import type { ProblemList } from './problem.ts'
import { reportValue } from './report.ts'
import { readText } from './scalars.ts'
import type { Field } from './section.ts'

/**
 * The name of a header that the gateway looks for: letters, digits and hyphens, at most 100. Narrower than RFC 9110 §5.6.2
 * has it, since servers disagree on the rest (nginx drops names with underscores).
 */
export function readHeaderName(field: Field, problems: ProblemList): string | undefined {
  const name = readText(field, problems)
  if (name === undefined || /^[A-Za-z0-9-]{1,100}$/.test(name)) return name
  const message = `\`${field.path}\` must be a header’s name: letters, digits and hyphens`
  reportValue(field, { message, hint: 'Write for example `name: X-Session-Id`.' }, problems)
  return undefined
}

/** A cookie's name (RFC 6265 §4.1.1: a token), at most 100 characters. */
export function readCookieName(field: Field, problems: ProblemList): string | undefined {
  const name = readText(field, problems)
  if (name === undefined || /^[!#$%&'*+\-.^_`|~0-9A-Za-z]{1,100}$/.test(name)) return name
  const message = `\`${field.path}\` must be a cookie’s name, without spaces, \`=\` and \`;\``
  reportValue(field, { message, hint: 'Write for example `name: session`.' }, problems)
  return undefined
}

/** A header's whole value: 1 to 1000 visible characters and single spaces within (RFC 9110 §5.5, ASCII only). */
export function readHeaderValue(field: Field, problems: ProblemList): string | undefined {
  const value = readText(field, problems)
  if (value === undefined || (/^[!-~](?: ?[!-~])*$/.test(value) && value.length <= 1000)) return value
  const message = `\`${field.path}\` must be a header’s value: visible ASCII characters`
  reportValue(field, { message, hint: 'Write for example `value: "1"`.' }, problems)
  return undefined
}
