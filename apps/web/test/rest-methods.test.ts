import { once } from 'node:events'
import { request, type IncomingMessage } from 'node:http'
import { text } from 'node:stream/consumers'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { startWebProcess, type WebProcess } from '../e2e/plane/web-process.ts'

let web: WebProcess

beforeAll(async () => {
  web = await startWebProcess()
})
afterAll(() => web.destroy())

/** What `fetch` would refuse to send. */
async function ask(method: string, path: string): Promise<readonly [IncomingMessage, string]> {
  const sent = request(`${web.origin}${path}`, { method })
  sent.end()
  const [response] = (await once(sent, 'response')) as [IncomingMessage]
  return [response, await text(response)]
}

it.each(['TRACE', 'QUERY', 'PROPFIND', 'PATCH'])(
  '%s is answered with 405 and what the path has',
  async (method) => {
    const paths = {
      '/api/v1/services/hello?x=1': 'GET, DELETE, HEAD, OPTIONS',
      '/api/v1/uploads': 'POST, OPTIONS',
      '/api/v1/openapi.json': 'GET, HEAD, OPTIONS',
    }
    for (const [path, allow] of Object.entries(paths)) {
      const [response, body] = await ask(method, path)
      expect([response.statusCode, response.headers.allow], path).toEqual([405, allow])
      expect(response.headers).toMatchObject({
        'content-type': 'application/problem+json',
        'x-content-type-options': 'nosniff',
      })
      expect(JSON.parse(body)).toMatchObject({
        code: 'METHOD_NOT_ALLOWED',
        detail: `This path has no ${method}.`,
      })
    }
  },
)

it('a page, and a path that cannot be read, answer no strange method either', async () => {
  const [page] = await ask('TRACE', '/services')
  expect([page.statusCode, page.headers.allow]).toEqual([405, 'GET, HEAD'])
  const [broken] = await ask('QUERY', '/api/v1/services/%ff')
  expect([broken.statusCode, broken.headers.allow]).toEqual([405, ''])
  expect(web.log()).not.toContain('is unsupported')
})
