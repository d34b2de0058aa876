import type { JsonSchema } from './json-schema.ts'
import type { FieldProblem } from './problem.ts'

/** Every field of an input, at whatever depth, that its schema does not know. */
export function unknownFields(value: unknown, schema: JsonSchema, path = ''): readonly FieldProblem[] {
  if (Array.isArray(value))
    return value.flatMap((item, place) => unknownFields(item, schema.items ?? {}, `${path}${place}.`))
  if (typeof value !== 'object' || value === null) return []
  const shape = [schema, ...(schema.anyOf ?? [])].find(({ properties }) => properties !== undefined)
  if (shape?.properties === undefined) return []
  const known = shape.properties
  return Object.entries(value).flatMap(([key, inner]) => {
    const at = Object.hasOwn(known, key) ? known[key] : undefined
    return at === undefined
      ? [{ key: `${path}${key}`.slice(0, 200), value: null, fix: fixOf(Object.keys(known)) }]
      : unknownFields(inner, at, `${path}${key}.`)
  })
}

function fixOf(known: readonly string[]): string {
  return known.length === 0
    ? 'there is no such field, nor any other: leave it out'
    : `there is no such field; those that are: ${known.join(', ')}`
}
