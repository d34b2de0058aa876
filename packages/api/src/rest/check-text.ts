import { SkykeepError } from '@skykeep/core/errors'
import { FieldsError } from './problem.ts'

const depthMax = 32

/**
 * Throws INVALID_INPUT for an input that is nested deeper than 32 levels, or with a text or key that no database keeps as it is: a NUL
 * character (PostgreSQL's `text`), or half of a surrogate pair, which UTF-8 cannot say.
 */
export function checkText(input: unknown): void {
  let level: readonly { readonly key: string; readonly value: unknown }[] = [{ key: '', value: input }]
  for (let depth = 0; level.length > 0; depth += 1) {
    if (depth > depthMax) {
      throw new SkykeepError('INVALID_INPUT', `nested deeper than ${depthMax} levels`, {
        userMessage: `The body is nested deeper than ${depthMax} levels.`,
        hint: 'No field of this API needs that: see its schema in /api/v1/openapi.json.',
      })
    }
    const next = []
    for (const { key, value } of level) {
      refuse(key, key)
      if (typeof value === 'string') refuse(key, value)
      if (typeof value === 'object' && value !== null)
        for (const [inner, held] of Object.entries(value))
          next.push({ key: key === '' ? inner : `${key}.${inner}`, value: held })
    }
    level = next
  }
}

function refuse(key: string, text: string): void {
  if (text.isWellFormed() && !text.includes('\0')) return
  const named = key.toWellFormed().replaceAll('\0', '\u{FFFD}').slice(0, 200)
  throw new FieldsError([
    { key: named, value: null, fix: 'it holds a NUL character or half of a surrogate pair: leave it out' },
  ])
}
