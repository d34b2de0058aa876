import type { OpenApiOperation } from '../src/rest/openapi-document.ts'

/** How an operation is called from a shell, with its example. */
export function curlOf(
  method: string,
  path: string,
  { parameters, requestBody, responses }: OpenApiOperation,
): string {
  const values = new Map(parameters.map(({ name, example, in: place }) => [name, { place, example }]))
  const target = path.replaceAll(/\{(\w+)\}/g, (_, name: string) =>
    String(values.get(name)?.example ?? usual(name)),
  )
  const query = [...values].flatMap(([name, { place, example }]) =>
    place === 'query' && example !== undefined ? [`${name}=${encodeURIComponent(String(example))}`] : [],
  )
  const body = requestBody?.content['application/json']?.example
  const isStream = responses['200']?.content?.['text/event-stream'] !== undefined
  const words = [
    `curl -sS${isStream ? 'N' : ''}${method === 'GET' ? '' : ` -X ${method}`}`,
    `"$SKYKEEP/api/v1${target}${query.length === 0 ? '' : `?${query.join('&')}`}"`,
    '-H "authorization: Bearer $TOKEN"',
    ...(body === undefined
      ? []
      : [
          "-H 'content-type: application/json'",
          `-d '${JSON.stringify(body).replaceAll("'", String.raw`'\''`)}'`,
        ]),
  ]
  return words.join(' \\\n  ')
}

/** What stands for a field of a path that no example names. */
function usual(name: string): string {
  if (name === 'name' || name === 'service') return 'hello'
  return name.toUpperCase()
}
