import { securitySchemes } from './security-schemes.ts'
import { hasBody, inputSchemaOf, sentFields } from './input-schema.ts'
import type { JsonSchema, ResponseSchemas } from './json-schema.ts'
import { idempotencyHeader, idempotencyKeyPattern, refusalOf, replayedHeader } from './idempotency-key.ts'
import { problemSchemas } from './problem-schema.ts'
import { pathFields, type RestRoute } from './routes.ts'
import { uploadOperation, uploadPath } from './upload-operation.ts'

export type OpenApiObject = Readonly<Record<string, unknown>>

/** OpenAPI 3.1, as far as a reader of ours needs its shape. */
export interface OpenApiDocument {
  readonly openapi: string
  readonly info: OpenApiObject
  readonly servers: readonly OpenApiObject[]
  readonly security: readonly OpenApiObject[]
  readonly tags: readonly { readonly name: string; readonly description: string }[]
  readonly paths: Readonly<Record<string, Readonly<Record<string, OpenApiOperation>>>>
  readonly components: {
    readonly schemas: Readonly<Record<string, JsonSchema>>
    readonly securitySchemes: OpenApiObject
  }
}

export interface OpenApiParameter {
  readonly name: string
  readonly in: 'path' | 'query' | 'header'
  readonly required: boolean
  readonly schema: JsonSchema
  readonly description?: string
  readonly example?: unknown
}

export interface OpenApiOperation {
  readonly operationId: string
  readonly summary: string
  readonly description?: string
  readonly tags: readonly string[]
  readonly parameters: readonly OpenApiParameter[]
  readonly requestBody?: {
    readonly required: boolean
    readonly content: Readonly<Record<string, { readonly schema: JsonSchema; readonly example?: unknown }>>
  }
  readonly responses: Readonly<
    Record<
      string,
      {
        readonly description: string
        readonly headers?: Readonly<Record<string, OpenApiObject>>
        readonly content?: Readonly<Record<string, OpenApiObject>>
      }
    >
  >
}

const tagDescriptions: Readonly<Record<string, string>> = {
  auth: 'Who asks.',
  tokens: 'What programs show.',
  serviceKeys: 'What clients of a service show.',
  services: 'What is served.',
  logs: 'What replicas and the control plane wrote.',
  operations: 'Requests that take time.',
  events: 'The one log of everything that happened.',
  watch: 'The same, as it happens.',
  system: 'The control plane itself.',
  drills: 'Recovery, tried on purpose.',
}

/** The document of these routes; pure. */
export function openApiDocument(routes: readonly RestRoute[], responses: ResponseSchemas): OpenApiDocument {
  const paths: Record<string, Record<string, OpenApiOperation>> = {}
  for (const route of routes) {
    const methods = (paths[route.path] ??= {})
    methods[route.method.toLowerCase()] = operationOf(route, responses)
  }
  paths[uploadPath] = {
    post: uploadOperation(
      badAnswers({ hasPathFields: false, isMutation: true, hasBody: true, takesKey: false }),
    ),
  }
  const tags = [...new Set(routes.map(tagOf))]
  return {
    openapi: '3.1.0',
    info: {
      title: 'Skykeep',
      version: '1.0.0',
      description:
        'The control plane of Skykeep. Within v1 fields and paths are added, never taken away or given another meaning: pass over a field of an answer that you do not know.',
      license: { name: 'See the repository', identifier: 'LicenseRef-Skykeep' },
    },
    servers: [{ url: '/api/v1' }],
    security: [{ token: [] }, { session: [], originProof: [] }],
    tags: tags.map((name) => ({ name, description: tagDescriptions[name] ?? '' })),
    paths,
    components: {
      schemas: { ...responses.definitions, ...problemSchemas },
      securitySchemes: securitySchemes,
    },
  }
}

export function tagOf({ name }: RestRoute): string {
  return name.slice(0, name.indexOf('.'))
}

function operationOf(route: RestRoute, responses: ResponseSchemas): OpenApiOperation {
  const body = bodyOf(route)
  const takesYaml = body !== undefined && 'application/yaml' in body.content
  const sentences = [
    route.description,
    takesYaml ? 'The YAML may also be the whole body, with `Content-Type: application/yaml`.' : undefined,
    route.noIdempotencyKeyBecause === undefined
      ? undefined
      : `Takes no \`${idempotencyHeader}\`: ${route.noIdempotencyKeyBecause}.`,
  ].filter((sentence) => sentence !== undefined)
  return {
    operationId: route.name,
    summary: route.summary,
    ...(sentences.length === 0 ? {} : { description: sentences.join(' ') }),
    tags: [tagOf(route)],
    parameters: parametersOf(route),
    ...(body === undefined ? {} : { requestBody: body }),
    responses: {
      ...goodAnswer(route, responses),
      ...badAnswers({
        hasPathFields: pathFields(route.path).length > 0,
        isMutation: route.kind === 'mutation',
        hasBody: hasBody(route),
        takesKey: refusalOf(route) === null,
      }),
    },
  }
}

function parametersOf(route: RestRoute): readonly OpenApiParameter[] {
  const { properties = {}, required = [] } = inputSchemaOf(route)
  const parameter = (name: string, place: 'path' | 'query', schema: JsonSchema): OpenApiParameter => {
    const { description, ...plain } = withoutNull(schema)
    const example = route.example?.[name]
    return {
      name,
      in: place,
      required: place === 'path' || required.includes(name),
      schema: plain,
      ...(description === undefined ? {} : { description }),
      ...(example === undefined ? {} : { example }),
    }
  }
  const ofPath = pathFields(route.path).map((name) => parameter(name, 'path', properties[name] ?? {}))
  const ofQuery = hasBody(route)
    ? []
    : Object.entries(sentFields(route)).map(([name, schema]) => parameter(name, 'query', schema))
  return [
    ...ofPath,
    ...ofQuery,
    ...(route.kind === 'subscription' ? [lastEventId] : []),
    ...(refusalOf(route) === null ? [idempotencyKey] : []),
  ]
}

const idempotencyKey: OpenApiParameter = {
  name: idempotencyHeader,
  in: 'header',
  required: false,
  description:
    'Names this one request, for a day: sent again with the same key it has no second effect and gets the same answer.',
  schema: { type: 'string', minLength: 1, maxLength: 255, pattern: idempotencyKeyPattern },
}

const replayed = {
  headers: {
    [replayedHeader]: {
      description: 'There where the answer is the one that the same request with this key got before.',
      schema: { enum: ['true'] },
    },
  },
} as const

const lastEventId: OpenApiParameter = {
  name: 'Last-Event-ID',
  in: 'header',
  required: false,
  description: 'The id of the last message seen: the stream goes on after it.',
  schema: { type: 'string' },
}

/** A query has no null: what may be null may be left out. */
function withoutNull(schema: JsonSchema): JsonSchema {
  const { anyOf, ...rest } = schema
  const members = anyOf?.filter(({ type }) => type !== 'null')
  const [only] = members ?? []
  return members?.length === 1 && only !== undefined ? { ...rest, ...only } : schema
}

function bodyOf(route: RestRoute): OpenApiOperation['requestBody'] {
  if (!hasBody(route)) return undefined
  const properties = sentFields(route)
  if (Object.keys(properties).length === 0) return undefined
  const required = (inputSchemaOf(route).required ?? []).filter((name) => name in properties)
  const schema: JsonSchema = {
    type: 'object',
    properties,
    ...(required.length === 0 ? {} : { required }),
    additionalProperties: false,
  }
  const example = Object.fromEntries(
    Object.entries(route.example ?? {}).filter(([name]) => name in properties),
  )
  const hasExample = Object.keys(example).length > 0
  return {
    required: required.length > 0,
    content: {
      'application/json': { schema, ...(hasExample ? { example } : {}) },
      ...('yaml' in properties
        ? { 'application/yaml': { schema: { type: 'object', description: 'The YAML of a service.' } } }
        : {}),
    },
  }
}

function goodAnswer(route: RestRoute, { procedures }: ResponseSchemas): OpenApiOperation['responses'] {
  const schema = procedures[route.name]
  if (schema === undefined)
    throw new Error(`${route.name}: no schema of its answer; run npm run reference -w @skykeep/api`)
  const kept = refusalOf(route) === null ? replayed : {}
  if (schema === null) return { '204': { description: 'Done; there is nothing to say.', ...kept } }
  if (route.kind === 'subscription') {
    const carried =
      route.stream === undefined ? schema : { $ref: `#/components/schemas/${route.stream.dataSchema}` }
    const content = { schema: { type: 'string' }, 'x-sse-data': carried }
    return {
      '200': {
        description: 'Server-sent events; the data of each is JSON.',
        content: { 'text/event-stream': content },
      },
    }
  }
  return {
    '200': { description: 'The answer.', ...kept, content: { 'application/json': { schema } } },
    ...(route.method === 'GET'
      ? { '304': { description: '`If-None-Match` names what would be answered.' } }
      : {}),
  }
}

interface Asked {
  readonly hasPathFields: boolean
  readonly isMutation: boolean
  readonly hasBody: boolean
  readonly takesKey: boolean
}

function badAnswers(asked: Asked): OpenApiOperation['responses'] {
  const statuses = [
    ['400', 'The request is not valid.'],
    ['401', 'No token, or one that does not hold.'],
    ['403', 'The role does not allow this.'],
    ...(asked.hasPathFields ? [['404', 'There is no such thing.'] as const] : []),
    ...(asked.isMutation ? [['409', 'It does not fit the present state.'] as const] : []),
    ...(asked.hasBody
      ? ([
          ['413', 'The body is too long.'],
          ['415', 'The body has another type.'],
        ] as const)
      : []),
    ...(asked.takesKey
      ? [['422', 'This `Idempotency-Key` was sent before with another request.'] as const]
      : []),
    ['503', 'The control plane cannot do this now; try again later.'],
    ['default', 'Any other problem.'],
  ] as const
  const content = { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } }
  return {
    ...Object.fromEntries(statuses.map(([status, description]) => [status, { description, content }])),
    '431': { description: 'Path, query and headers have more than 64 KiB together; the connection ends.' },
  }
}
