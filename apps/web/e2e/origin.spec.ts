import { createServer, request } from 'node:http'
import { expect, test } from './plane/fixture.ts'

/** One request with headers that `fetch` would not send as given. */
function ask(origin: string, path: string, method: string, headers: Record<string, string>): Promise<number> {
  return new Promise((resolve, reject) => {
    const outgoing = request(`${origin}${path}`, { method, headers, agent: false }, (response) => {
      response.resume()
      resolve(response.statusCode ?? 0)
    })
    outgoing.on('error', reject)
    outgoing.end(method === 'POST' ? '{}' : undefined)
  })
}

test('invariant 17: a foreign Host or Origin is refused', async ({ signedIn: page, plane }) => {
  const session = (await page.context().cookies()).find((each) => each.name === 'skykeep_session')
  const cookie = `skykeep_session=${session?.value ?? ''}`
  const { host } = new URL(plane.origin)
  const down = '/api/trpc/services.down'
  const json = { 'content-type': 'application/json', cookie }
  expect(await ask(plane.origin, '/', 'GET', { host: 'evil.example:80', cookie })).toBe(403)
  expect(await ask(plane.origin, '/api/trpc/services.list', 'GET', { host: 'evil.example:80', cookie })).toBe(
    403,
  )
  expect(await ask(plane.origin, down, 'POST', { ...json, host, origin: 'http://127.0.0.1:30001' })).toBe(403)
  expect(await ask(plane.origin, down, 'POST', { ...json, host })).toBe(403)
  expect(await ask(plane.origin, down, 'POST', { ...json, host, origin: plane.origin })).toBe(400)
  expect(await ask(plane.origin, '/api/sign-in', 'POST', { host, origin: 'http://127.0.0.1:30001' })).toBe(
    403,
  )
  expect(await ask(plane.origin, '/api/uploads', 'POST', { host })).toBe(401)
})

test("invariant 17: a workload's page on another port reads and changes nothing", async ({
  signedIn: page,
  plane,
}) => {
  const workload = createServer((_request, response) =>
    response.end('<!doctype html><title>workload</title>'),
  )
  await new Promise<void>((resolve) => workload.listen(0, '127.0.0.1', resolve))
  const address = workload.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  await page.goto(`http://127.0.0.1:${address.port}/`)
  const outcome = await page.evaluate(async (origin) => {
    const tryIt = (path: string, init: RequestInit): Promise<string> =>
      fetch(`${origin}${path}`, { credentials: 'include', ...init }).then(
        async (response) => `read ${await response.text()}`,
        () => 'blocked',
      )
    const sent = await fetch(`${origin}/api/trpc/services.down`, {
      method: 'POST',
      mode: 'no-cors',
      credentials: 'include',
      body: JSON.stringify({ json: { name: 'hello' } }),
    }).then(
      () => 'answered',
      () => 'blocked',
    )
    return { sent, read: await tryIt('/api/trpc/services.list', {}) }
  }, plane.origin)
  expect(outcome).toEqual({ sent: 'blocked', read: 'blocked' })
  await page.goto(`${plane.origin}/services/hello`)
  await expect(page.getByRole('button', { name: 'Terminate' })).toBeVisible()
  workload.close()
})

test('pages may not be framed, sniffed or run foreign scripts', async ({ page, plane }) => {
  const response = await page.goto(`${plane.origin}/sign-in`)
  const headers = response?.headers() ?? {}
  expect(headers['content-security-policy']).toContain("frame-ancestors 'none'")
  expect(headers['content-security-policy']).toMatch(/script-src 'self' 'nonce-[^']+' 'strict-dynamic';/)
  expect(headers['x-content-type-options']).toBe('nosniff')
  const api = await page.request.get(`${plane.origin}/api/trpc/auth.me`)
  expect(api.headers()['cache-control']).toBe('no-store')
})
