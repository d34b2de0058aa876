import { readFileSync } from 'node:fs'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { originProofHeader } from '@skykeep/auth/origin-proof'
import { until } from '@skykeep/testing/until'
import { startWebProcess, type WebProcess } from '../e2e/plane/web-process.ts'

const yaml = 'name: forged\nservice:\n  readiness_probe: /\nrun: serve\n'

let web: WebProcess
let token = ''
/** What a browser has after signing in: a cookie that it sends by itself, and a proof that only our own page can send. */
let cookie = ''
let proof = ''

beforeAll(async () => {
  web = await startWebProcess()
  token = readFileSync(web.layout.localToken, 'utf8').trim()
  const code = (await web.signInLink()).split('#')[1] ?? ''
  const response = await fetch(`${web.origin}/api/sign-in`, {
    method: 'POST',
    headers: { origin: web.origin, 'content-type': 'application/json' },
    body: JSON.stringify({ code }),
  })
  cookie = response.headers.get('set-cookie')?.split(';')[0] ?? ''
  proof = ((await response.json()) as { readonly originProof: string }).originProof
})
afterAll(() => web.destroy())

async function ask(
  line: string,
  headers: Readonly<Record<string, string>>,
  body?: string,
): Promise<{ readonly status: number; readonly answer: unknown }> {
  const [method = '', path = ''] = line.split(' ')
  const response = await fetch(`${web.origin}/api/v1${path}`, {
    method,
    headers,
    ...(body === undefined ? {} : { body }),
  })
  return { status: response.status, answer: await response.json() }
}

const asYaml = { 'content-type': 'application/yaml' }

it("the dashboard's cookie without the origin proof is nobody, whatever it asks for (CSRF)", async () => {
  expect([cookie, proof].every((text) => text.length > 20)).toBe(true)
  for (const line of ['GET /me', 'GET /services', 'GET /watch', 'GET /tokens'])
    expect(await ask(line, { cookie }), line).toMatchObject({
      status: 401,
      answer: { code: 'UNAUTHENTICATED' },
    })
  const own = { cookie, origin: web.origin }
  expect(await ask('POST /services', { ...own, ...asYaml }, yaml)).toMatchObject({ status: 401 })
  expect(await ask('POST /uploads', { ...own, 'content-type': 'application/gzip' }, 'x')).toMatchObject({
    status: 401,
  })
  // As a page on another port of this host would send it, with the cookie that its browser adds; and with a proof of another session.
  const foreign = { cookie, origin: 'http://127.0.0.1:30001' }
  expect(await ask('POST /services', { ...foreign, ...asYaml }, yaml)).toMatchObject({ status: 403 })
  expect(
    await ask('POST /services', { ...own, ...asYaml, [originProofHeader]: 'x'.repeat(43) }, yaml),
  ).toMatchObject({
    status: 401,
  })
  expect(await ask('GET /services', { authorization: `Bearer ${token}` })).toMatchObject({
    answer: { items: [] },
  })
})

it('with its proof it is who signed in', async () => {
  const whole = { cookie, origin: web.origin, [originProofHeader]: proof }
  expect(await ask('GET /me', whole)).toMatchObject({ status: 200, answer: { role: 'admin' } })
})

it('an upload is stored for the service that names it; what is no archive is refused by its type', async () => {
  const headers = { authorization: `Bearer ${token}`, 'content-type': 'application/gzip' }
  expect(await ask('POST /uploads', headers, 'packed')).toMatchObject({
    status: 200,
    answer: { uploadId: expect.stringMatching(/^upl_/) },
  })
  const refusals = [
    [{ ...headers, 'content-type': 'application/json' }, '{}', 415, 'UNSUPPORTED_MEDIA_TYPE'],
    [headers, undefined, 400, 'INVALID_INPUT'],
    [{ ...headers, 'idempotency-key': 'a' }, 'packed', 400, 'UNSUPPORTED'],
    [{ 'content-type': 'application/gzip' }, 'packed', 401, 'UNAUTHENTICATED'],
  ] as const
  for (const [sent, body, status, code] of refusals)
    expect(await ask('POST /uploads', sent, body)).toMatchObject({ status, answer: { code } })
  expect(await ask('GET /uploads', headers)).toMatchObject({ status: 405 })
})

it('a token that has expired is refused by that reason, by REST and by tRPC', async () => {
  const made = await ask(
    'POST /tokens',
    { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    JSON.stringify({ name: 'short', expiresInSeconds: 2 }),
  )
  const short = (made.answer as { readonly token: string }).token
  const headers = { authorization: `Bearer ${short}` }
  expect(await ask('GET /me', headers)).toMatchObject({ status: 200 })
  const refused = await until('its end', async () => {
    const answer = await ask('GET /me', headers)
    return answer.status !== 200 && answer
  })
  expect(refused).toMatchObject({
    status: 401,
    answer: { code: 'UNAUTHENTICATED', detail: expect.stringContaining('The token short expired at ') },
  })
  const trpc = await fetch(`${web.origin}/api/trpc/auth.me`, { headers })
  expect([trpc.status, await trpc.text()]).toEqual([
    401,
    expect.stringContaining('The token short expired at '),
  ])
})
