import { SkykeepError } from '@skykeep/core/errors'
import { checkText } from './check-text.ts'
import { hasBody, inputSchemaOf, resumeField, sentFields } from './input-schema.ts'
import type { Matched } from './match-route.ts'
import { FieldsError } from './problem.ts'
import { fromQuery } from './query-value.ts'
import { unknownFields } from './unknown-fields.ts'

export interface SentRequest {
  readonly url: URL
  readonly headers: Headers
  /** The whole body; throws TOO_LARGE. Read only where the route takes one. */
  readonly readBody: () => Promise<string>
}

type Fields = Readonly<Record<string, unknown>>

/**
 * The input of a route out of path, query or body, and `Last-Event-ID`; undefined where it takes none. Throws INVALID_INPUT for a field that
 * the route does not know, that is sent twice, or that no text can be; UNSUPPORTED_MEDIA_TYPE and TOO_LARGE for a body. What the values may
 * be is left to the procedure's own schema.
 */
export async function readInput({ route, fields }: Matched, sent: SentRequest): Promise<unknown> {
  const { properties = {} } = inputSchemaOf(route)
  const ofPath = Object.fromEntries(
    Object.entries(fields).map(([name, text]) => [name, fromQuery(text, properties[name] ?? {})]),
  )
  const rest = hasBody(route) ? await ofBody(route.name, sent, ofPath, 'yaml' in properties) : null
  const input: Fields = {
    ...(rest ?? queryFields(sent.url, sentFields(route))),
    ...resumed(route.kind, sent.headers),
    ...ofPath,
  }
  checkText(input)
  const unknown = unknownFields(input, inputSchemaOf(route))
  if (unknown.length > 0) throw new FieldsError(unknown)
  if (rest !== null) refuseQuery(sent.url)
  return route.input === null ? undefined : input
}

function resumed(kind: string, headers: Headers): Fields {
  const id = headers.get('last-event-id')
  return kind === 'subscription' && id !== null && id !== '' ? { [resumeField]: id } : {}
}

function queryFields(url: URL, known: ReturnType<typeof sentFields>): Fields {
  const names = [...new Set(url.searchParams.keys())]
  return Object.fromEntries(
    names.map((name) => {
      const schema = Object.hasOwn(known, name) ? known[name] : undefined
      const texts = url.searchParams.getAll(name)
      if (schema?.type === 'array')
        return [
          name,
          texts.flatMap((text) => text.split(',')).map((text) => fromQuery(text, schema.items ?? {})),
        ]
      if (texts.length > 1) {
        throw new FieldsError([
          {
            key: name,
            value: JSON.stringify(texts).slice(0, 80),
            fix: 'it stands in the query more than once: name it once',
          },
        ])
      }
      // An unknown one goes on, to be refused by its name.
      return [name, fromQuery(texts[0] ?? '', schema ?? {})]
    }),
  )
}

function refuseQuery(url: URL): void {
  const names = [...new Set(url.searchParams.keys())]
  if (names.length === 0) return
  throw new FieldsError(
    names.map((key) => ({ key, value: null, fix: 'the query is not read here: send it in the JSON body' })),
  )
}

async function ofBody(name: string, sent: SentRequest, ofPath: Fields, takesYaml: boolean): Promise<Fields> {
  const text = await sent.readBody()
  const type = (sent.headers.get('content-type') ?? '').split(';')[0]?.trim().toLowerCase() ?? ''
  if (takesYaml && yamlTypes.has(type)) return { yaml: text }
  if (text === '') return {}
  if (type !== 'application/json') {
    const others = takesYaml ? ' or, for the YAML alone, application/yaml' : ''
    throw new SkykeepError('UNSUPPORTED_MEDIA_TYPE', `${name}: a body of type ${JSON.stringify(type)}`, {
      userMessage: `A body of type ${JSON.stringify(type)} is not read here.`,
      hint: `Send it as application/json${others}, and say so in the Content-Type header.`,
    })
  }
  const value = parsed(text)
  for (const [key, taken] of Object.entries(ofPath)) {
    if (Object.hasOwn(value, key) && value[key] !== taken)
      throw new FieldsError([
        { key, value: null, fix: 'the path says another one: leave it out of the body' },
      ])
  }
  return value
}

const yamlTypes = new Set(['application/yaml', 'application/x-yaml', 'text/yaml', 'text/x-yaml'])

function parsed(text: string): Fields {
  let value: unknown
  try {
    value = JSON.parse(text)
  } catch (cause) {
    throw new SkykeepError('INVALID_INPUT', 'a body that is no JSON', {
      cause,
      userMessage: 'The body is no JSON.',
      hint: 'Send one JSON object, in UTF-8.',
    })
  }
  if (typeof value === 'object' && value !== null && !Array.isArray(value)) return { ...value }
  throw new SkykeepError('INVALID_INPUT', 'a body that is no JSON object', {
    userMessage: 'The body is no JSON object.',
    hint: 'Send the fields as one object: {"name": …}.',
  })
}
