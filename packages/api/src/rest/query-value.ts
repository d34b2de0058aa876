import type { JsonSchema } from './json-schema.ts'

/** What a text of path or query means where a schema asks for a number or a boolean; else the text, which the schema then judges. */
export function fromQuery(text: string, schema: JsonSchema): unknown {
  const types = new Set([schema, ...(schema.anyOf ?? [])].map(({ type }) => type))
  if ((types.has('integer') || types.has('number')) && /^-?\d{1,16}(?:\.\d{1,16})?$/.test(text))
    return Number(text)
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true'
  return text
}
