import { ask, sessionOf } from './plane/ask.ts'
import { expect, test } from './plane/fixture.ts'

test('invariant 17: a foreign Host or Origin is refused', async ({ signedIn: page, plane }) => {
  const { cookie, proof } = await sessionOf(page)
  const { host } = new URL(plane.origin)
  const statusOf = async (
    path: string,
    method: string,
    headers: Readonly<Record<string, string>>,
  ): Promise<number> => (await ask({ origin: plane.origin, path, method, headers })).status
  const down = '/api/trpc/services.down'
  const read = '/api/trpc/services.list'
  const shown = { 'content-type': 'application/json', cookie, 'x-skykeep-proof': proof }
  const foreign = 'http://127.0.0.1:30001'
  expect(await statusOf('/', 'GET', { ...shown, host: 'evil.example:80' })).toBe(403)
  expect(await statusOf(read, 'GET', { ...shown, host: 'evil.example:80' })).toBe(403)
  expect(await statusOf(read, 'GET', { ...shown, host })).toBe(200)
  expect(await statusOf(down, 'POST', { ...shown, host, origin: foreign })).toBe(403)
  expect(await statusOf(down, 'POST', { ...shown, host })).toBe(403)
  expect(await statusOf(down, 'POST', { ...shown, host, origin: plane.origin })).toBe(400)
  expect(await statusOf('/api/sign-in', 'POST', { host, origin: foreign })).toBe(403)
  expect(await statusOf('/api/uploads', 'POST', { host })).toBe(401)
  expect(await statusOf('/api/uploads', 'POST', { ...shown, host, origin: plane.origin })).not.toBe(401)
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
