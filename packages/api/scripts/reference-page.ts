import type { JsonSchema } from '../src/rest/json-schema.ts'
import type { OpenApiDocument, OpenApiOperation } from '../src/rest/openapi-document.ts'
import { problemTitles } from '../src/rest/problem.ts'
import { httpStatusOf, errorCodes } from '@skykeep/core/errors'
import { curlOf } from './curl-example.ts'

/** The OpenAPI document as a page that people read, in Markdown; pure. */
export function referencePage(document: OpenApiDocument): string {
  const operations = Object.entries(document.paths).flatMap(([path, methods]) =>
    Object.entries(methods).map(([method, operation]) => ({ path, method: method.toUpperCase(), operation })),
  )
  const sections = document.tags.map(({ name, description }) =>
    [
      `## ${name}`,
      description,
      ...operations
        .filter(({ operation }) => operation.tags.includes(name))
        .map(({ path, method, operation }) => operationText(method, path, operation)),
    ].join('\n\n'),
  )
  const schemas = Object.entries(document.components.schemas).map(([name, schema]) =>
    schemaText(name, schema),
  )
  return `${[intro, ...sections, errorsText(), '## Schemas', ...schemas].join('\n\n')}\n`
}

const intro = `# API reference

Written by \`npm run reference -w @skykeep/api\` out of the program; do not edit. How to use it is in [the guide](../api.md); a
running control plane serves the same as OpenAPI 3.1 at \`/api/v1/openapi.json\`.

Paths are beneath \`/api/v1\`. Times are milliseconds since 1970-01-01 UTC. In the examples \`$SKYKEEP\` is the dashboard's address and \`$TOKEN\` a token
of \`skykeep token create NAME\`.`

function operationText(method: string, path: string, operation: OpenApiOperation): string {
  const { summary, description, parameters, requestBody, responses } = operation
  const fields = parameters.map(({ name, in: place, required, schema, description: text }) =>
    row(name, place, required, { ...schema, ...(text === undefined ? {} : { description: text }) }),
  )
  const body = requestBody?.content['application/json']?.schema
  const sent = Object.entries(body?.properties ?? {}).map(([name, schema]) =>
    row(name, 'body', body?.required?.includes(name) ?? false, schema),
  )
  const rows = [...fields, ...sent]
  return [
    `### ${method} ${path}`,
    `${summary}.${description === undefined ? '' : ` ${description}`}`,
    ...(rows.length === 0 ? [] : [['| field | in | | |', '|---|---|---|---|', ...rows].join('\n')]),
    `Answers ${answerText(responses)}.`,
    `\`\`\`sh\n${curlOf(method, path, operation)}\n\`\`\``,
  ].join('\n\n')
}

function row(name: string, place: string, isRequired: boolean, schema: JsonSchema): string {
  const words = [isRequired ? 'required' : '', schema.description ?? '', rangeText(schema)].filter(
    (word) => word !== '',
  )
  return `| \`${name}\` | ${place} | ${typeText(schema)} | ${cell(words.join('; '))} |`
}

function answerText(responses: OpenApiOperation['responses']): string {
  const good = responses['200']?.content
  if (good === undefined) return '204 with nothing'
  const [[type, { schema, 'x-sse-data': carried } = {}] = ['', {}]] = Object.entries(good)
  const shown = typeText((carried ?? schema ?? {}) as JsonSchema)
  return type === 'text/event-stream' ? `server-sent events, each with ${shown}` : `200 with ${shown}`
}

function typeText(schema: JsonSchema): string {
  if (schema.$ref !== undefined) {
    const name = schema.$ref.slice(schema.$ref.lastIndexOf('/') + 1)
    return `[${name}](#${name.toLowerCase()})`
  }
  if (schema.enum !== undefined)
    return schema.enum.map((value) => `\`${JSON.stringify(value)}\``).join(' \\| ')
  if (schema.anyOf !== undefined) return schema.anyOf.map(typeText).join(' \\| ')
  if (schema.type === 'array') return `array of ${typeText(schema.items ?? {})}`
  if (typeof schema.additionalProperties === 'object')
    return `object of ${typeText(schema.additionalProperties)}`
  if (schema.properties !== undefined) {
    const inner = Object.entries(schema.properties).map(([name, value]) => `\`${name}\`: ${typeText(value)}`)
    return `{ ${inner.join(', ')} }`
  }
  return schema.type === undefined ? 'anything' : [schema.type].flat().join(' \\| ')
}

function rangeText(schema: JsonSchema): string {
  const { minimum, maximum, minLength, maxLength, default: usual } = schema
  const words = [
    bounds(minimum, maximum, ''),
    bounds(minLength, maxLength, ' characters'),
    usual === undefined ? '' : `default ${JSON.stringify(usual)}`,
  ]
  return words.filter((word) => word !== '').join('; ')
}

function bounds(low: unknown, high: unknown, unit: string): string {
  const isBounded = typeof high === 'number' && high < Number.MAX_SAFE_INTEGER
  if (typeof low === 'number') return isBounded ? `${low} to ${high}${unit}` : `at least ${low}${unit}`
  return isBounded ? `at most ${high}${unit}` : ''
}

function schemaText(name: string, schema: JsonSchema): string {
  const rows = Object.entries(schema.properties ?? {}).map(([field, value]) => {
    const isOptional = schema.required?.includes(field) !== true
    return `| \`${field}\` | ${typeText(value)} | ${cell(`${isOptional ? 'may be absent. ' : ''}${value.description ?? ''}`)} |`
  })
  const table = rows.length === 0 ? typeText(schema) : ['| field | | |', '|---|---|---|', ...rows].join('\n')
  return [`### ${name}`, ...(schema.description === undefined ? [] : [schema.description]), table].join(
    '\n\n',
  )
}

function errorsText(): string {
  const rows = errorCodes.map((code) => `| \`${code}\` | ${httpStatusOf[code]} | ${problemTitles[code]} |`)
  return [
    '## Errors',
    'Every error is a [Problem](#problem) of type `application/problem+json` (RFC 9457).',
    ['| code | status | |', '|---|---|---|', ...rows].join('\n'),
  ].join('\n\n')
}

function cell(text: string): string {
  return text
    .replaceAll('|', '\\|')
    .replaceAll(/\s*\n\s*/g, ' ')
    .trim()
}
