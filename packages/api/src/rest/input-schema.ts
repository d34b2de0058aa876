import { toJSONSchema } from 'zod'
import type { JsonSchema } from './json-schema.ts'
import { pathFields, type RestRoute } from './routes.ts'

/** The field of a stream's input that comes with the `Last-Event-ID` header. */
export const resumeField = 'lastEventId'

const cached = new Map<string, JsonSchema>()

/** The schema of what a caller sends to a route, in whatever part of the request: no other field is taken. */
export function inputSchemaOf(route: RestRoute): JsonSchema {
  const known = cached.get(route.name)
  if (known !== undefined) return known
  const schema = route.input === null ? nothing : closed(route)
  cached.set(route.name, schema)
  return schema
}

const nothing: JsonSchema = { type: 'object', properties: {}, additionalProperties: false }

function closed({ input }: RestRoute): JsonSchema {
  if (input === null) return nothing
  const {
    $schema: _dialect,
    default: _empty,
    ...schema
  } = toJSONSchema(input, {
    io: 'input',
    override: ({ jsonSchema }) => {
      // Zod's `readonly` says that our code does not write; in a request it would say that nobody may send it.
      delete jsonSchema.readOnly
      if (jsonSchema.properties !== undefined) jsonSchema.additionalProperties = false
    },
  })
  // Zod's own type of JSON Schema, which knows more keywords.
  return schema as JsonSchema
}

/** The fields that come from query or body, by name: those of the path and the one of `Last-Event-ID` left out. */
export function sentFields(route: RestRoute): Readonly<Record<string, JsonSchema>> {
  const elsewhere = new Set([
    ...pathFields(route.path),
    ...(route.kind === 'subscription' ? [resumeField] : []),
  ])
  const { properties = {} } = inputSchemaOf(route)
  return Object.fromEntries(Object.entries(properties).filter(([name]) => !elsewhere.has(name)))
}

/** True: the fields come as a JSON body; false: in the query. */
export function hasBody({ method }: RestRoute): boolean {
  return method === 'POST' || method === 'PUT'
}
