import { Ajv2020, type ValidateFunction } from 'ajv/dist/2020.js'
import type { JsonSchema } from '@skykeep/api/rest/json-schema'
import type { OpenApiDocument, OpenApiOperation } from '@skykeep/api/rest/openapi-document'

/** Judges answers by the OpenAPI document that the same server gave. */
export class DocumentTruth {
  readonly document: OpenApiDocument
  readonly #ajv = new Ajv2020({ strict: false, allErrors: true })
  readonly #compiled = new Map<string, ValidateFunction>()

  constructor(document: OpenApiDocument) {
    this.document = document
    for (const [name, schema] of Object.entries(document.components.schemas))
      this.#ajv.addSchema(closed(schema), `/schemas/${name}`)
  }

  static async of(origin: string): Promise<DocumentTruth> {
    const response = await fetch(`${origin}/api/v1/openapi.json`)
    // Judged by a validator of OpenAPI in a test of its own.
    return new DocumentTruth((await response.json()) as OpenApiDocument)
  }

  operation(name: string): {
    readonly method: string
    readonly path: string
    readonly operation: OpenApiOperation
  } {
    for (const [path, methods] of Object.entries(this.document.paths))
      for (const [method, operation] of Object.entries(methods))
        if (operation.operationId === name) return { method: method.toUpperCase(), path, operation }
    throw new Error(`the document has no ${name}`)
  }

  /** What of an answer the document does not say, one line each: a status, a type, a field more, a field less. */
  findings(
    name: string,
    answer: { readonly status: number; readonly type: string; readonly text: string },
  ): string[] {
    const { responses } = this.operation(name).operation
    const described = responses[String(answer.status)] ?? responses['default']
    if (described === undefined) return [`${name}: status ${answer.status} is not described`]
    if (answer.text === '') return described.content === undefined ? [] : [`${name}: an empty body`]
    const type = answer.type.split(';')[0] ?? ''
    const content = described.content?.[type]
    if (content === undefined) return [`${name}: ${answer.status} as ${type} is not described`]
    if (type !== 'text/event-stream') return this.#judge(name, content['schema'], JSON.parse(answer.text))
    const data = [...answer.text.matchAll(/^id: .*\ndata: (.*)$/gm)].map(([, line = '']) => line)
    return data.flatMap((line) => this.#judge(name, content['x-sse-data'], JSON.parse(line)))
  }

  #judge(name: string, schema: unknown, value: unknown): string[] {
    const key = JSON.stringify(schema)
    // What the document holds there.
    const validate = this.#compiled.get(key) ?? this.#ajv.compile(closed(schema as JsonSchema))
    this.#compiled.set(key, validate)
    if (validate(value)) return []
    return (validate.errors ?? []).map(
      ({ instancePath, message, params }) =>
        `${name}${instancePath}: ${message ?? ''} ${JSON.stringify(params)}`,
    )
  }
}

/** The schema with no room for a field that it does not name: a client may pass over one, the document may not. */
function closed(schema: JsonSchema): JsonSchema {
  return JSON.parse(JSON.stringify(schema), (_key, value: unknown) => {
    if (typeof value !== 'object' || value === null || Array.isArray(value)) return value
    const node: Record<string, unknown> = { ...value }
    if (typeof node['$ref'] === 'string')
      node['$ref'] = node['$ref'].replace('#/components/schemas/', '/schemas/')
    if (node['type'] === 'object' && typeof node['properties'] === 'object')
      node['additionalProperties'] ??= false
    return node
  })
}
