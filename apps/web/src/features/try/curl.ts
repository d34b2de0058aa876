/** The same request as a command; pure. */
export function curlOf(request: {
  readonly url: string
  readonly method: string
  readonly path: string
  /** A line each. */
  readonly headerText: string
  readonly body: string
}): string {
  const { url, method, path, headerText, body } = request
  const headers = headerText
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '')
  return [
    'curl -i',
    ...(method === 'GET' ? [] : [method === 'HEAD' ? '-I' : `-X ${method}`]),
    quoted(url + path),
    ...headers.map((line) => `-H ${quoted(line)}`),
    ...(body === '' ? [] : [`--data-binary ${quoted(body)}`]),
  ].join(' ')
}

function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`
}
