import { ask, sessionOf, type Answer } from './plane/ask.ts'
import { expect, test, type Plane } from './plane/fixture.ts'
import { secretValue } from './plane/seed.ts'
import { startWorkload } from './plane/workload.ts'

const json = { 'content-type': 'application/json' }

/** Every operation there is, as the command line sees them: what anybody changed would show here. */
async function operations({ origin, token }: Plane): Promise<string> {
  const headers = { authorization: `Bearer ${token}` }
  const { status, text } = await ask({ origin, path: '/api/trpc/operations.list', headers })
  expect(status).toBe(200)
  return text
}

const reads = [
  'system.status',
  'services.list',
  'auth.me',
  'events.list',
  'system.status,services.list?batch=1',
]
const changes = [
  ['services.down', { name: 'hello' }],
  ['services.up', { yaml: 'name: stolen\nrun: sleep 1\n' }],
  ['auth.createSignInCode', undefined],
  ['auth.signOut', undefined],
] as const

test('invariant 17: a workload that is sent the cookie and forges every header acts as nobody', async ({
  signedIn: page,
  plane,
}) => {
  const { origin } = plane
  const { cookie, proof } = await sessionOf(page)
  const before = await operations(plane)
  const workload = await startWorkload()
  await page.goto(`${workload.origin}/`)
  const sent = workload.cookies[0] ?? ''
  // That is the hole: any port of the host is sent the dashboard's cookie, and no header of a program can be trusted.
  expect(sent).toContain(cookie)
  expect(sent).not.toContain(proof)
  const forged = {
    cookie: sent,
    host: new URL(origin).host,
    origin,
    referer: `${origin}/services`,
    'sec-fetch-site': 'same-origin',
  }
  const own = { ...forged, 'x-skykeep-proof': proof }
  expect((await ask({ origin, path: '/api/trpc/system.status', headers: own })).status).toBe(200)
  const guesses = ['', cookie.split('=')[1] ?? '', 'x'.repeat(43), 'null']
  for (const guess of [undefined, ...guesses]) {
    const headers = guess === undefined ? forged : { ...forged, 'x-skykeep-proof': guess }
    const refused = async (path: string, body?: string): Promise<Answer> => {
      const method = body === undefined ? 'GET' : 'POST'
      const answer = await ask({
        origin,
        path,
        method,
        headers: { ...headers, ...json },
        ...(body === undefined ? {} : { body }),
      })
      expect(`${path}: ${answer.status}`).toBe(`${path}: 401`)
      expect(answer.text).toContain('UNAUTHENTICATED')
      return answer
    }
    for (const path of reads) await refused(`/api/trpc/${path}`)
    for (const [path, input] of changes) await refused(`/api/trpc/${path}`, JSON.stringify({ json: input }))
    await refused('/api/uploads', 'x')
    const input = encodeURIComponent(JSON.stringify({ json: { lastEventId: '0' } }))
    const stream = await ask({
      origin,
      path: `/api/trpc/watch.events?input=${input}`,
      headers: { ...headers, accept: 'text/event-stream' },
    })
    expect(stream.text).toContain('UNAUTHENTICATED')
    expect(stream.text).not.toContain('"events"')
  }
  for (const path of ['/', '/services', '/services/hello?tab=versions', '/operations', '/system']) {
    for (const extra of [{}, { rsc: '1' }]) {
      const { text } = await ask({ origin, path, headers: { ...forged, ...extra } })
      for (const secret of ['token-streamer', plane.layout.root, secretValue, proof]) {
        expect(text).not.toContain(secret)
      }
    }
  }
  expect(await operations(plane)).toBe(before)
  await workload.close()
  // The person's own page goes on as before; other tests may have left more services than a page holds.
  await page.goto(`${origin}/services?search=hello`)
  await expect(page.getByRole('link', { name: 'hello' })).toBeVisible()
})

test("invariant 17: a workload's page gets nothing by fetch, frame, form, script or event stream", async ({
  signedIn: page,
  plane,
}) => {
  const before = await operations(plane)
  const workload = await startWorkload()
  await page.goto(`${workload.origin}/`)
  const outcome = await page.evaluate(async (origin) => {
    const tryFetch = (path: string, init: RequestInit): Promise<string> =>
      fetch(`${origin}${path}`, { credentials: 'include', ...init }).then(
        async (response) => `${response.type} ${await response.text()}`,
        () => 'blocked',
      )
    const ended = <T extends EventTarget>(target: T, types: readonly string[]): Promise<string> =>
      new Promise((resolve) => {
        for (const type of types) target.addEventListener(type, () => resolve(type), { once: true })
      })
    const down = JSON.stringify({ json: { name: 'hello' } })
    const script = document.createElement('script')
    script.src = `${origin}/api/trpc/system.status`
    const loaded = ended(script, ['load', 'error'])
    document.head.append(script)
    const frame = document.createElement('iframe')
    frame.name = 'target'
    frame.src = `${origin}/services`
    const framed = ended(frame, ['load', 'error'])
    document.body.append(frame)
    await framed
    const seen = frame.contentDocument?.body.textContent ?? null
    const form = document.createElement('form')
    form.method = 'post'
    form.enctype = 'text/plain'
    form.target = 'target'
    form.action = `${origin}/api/trpc/services.down`
    const field = document.createElement('input')
    field.name = '{"json":{"name":"hello","x":"'
    field.value = '"}}'
    form.append(field)
    document.body.append(form)
    const posted = ended(frame, ['load', 'error'])
    form.submit()
    await posted
    const stream = new EventSource(`${origin}/api/trpc/watch.events?input=%7B%22json%22%3A%7B%7D%7D`, {
      withCredentials: true,
    })
    const streamed = await ended(stream, ['message', 'connected', 'error'])
    stream.close()
    return {
      read: await tryFetch('/api/trpc/system.status', {}),
      readProven: await tryFetch('/api/trpc/system.status', {
        headers: { 'x-skykeep-proof': 'x'.repeat(43) },
      }),
      change: await tryFetch('/api/trpc/services.down', {
        method: 'POST',
        headers: { 'content-type': 'application/json' },
        body: down,
      }),
      blind: await tryFetch('/api/trpc/services.down', { method: 'POST', mode: 'no-cors', body: down }),
      page: await tryFetch('/services', {}),
      script: await loaded,
      seen,
      posted: frame.contentDocument?.body.textContent ?? null,
      streamed,
      cookies: document.cookie,
      stored: Object.keys(localStorage).concat(Object.keys(sessionStorage)),
    }
  }, plane.origin)
  expect(outcome).toEqual({
    read: 'blocked',
    readProven: 'blocked',
    change: 'blocked',
    blind: 'blocked',
    page: 'blocked',
    script: 'error',
    seen: null,
    posted: null,
    streamed: 'error',
    cookies: '',
    stored: [],
  })
  for (const frame of page.frames().slice(1)) expect(await frame.content()).not.toContain('token-streamer')

  const [answer] = await Promise.all([
    page.waitForResponse(/services\.down/),
    page.evaluate((origin) => {
      const form = document.createElement('form')
      form.method = 'post'
      form.action = `${origin}/api/trpc/services.down`
      document.body.append(form)
      form.submit()
    }, plane.origin),
  ])
  expect(answer.status()).toBe(403)
  expect(await operations(plane)).toBe(before)
  await workload.close()
})

test('invariant 17: the proof stands in no address and goes to no other origin', async ({
  signedIn: page,
  plane,
}) => {
  const { proof } = await sessionOf(page)
  const addresses: string[] = []
  const streamed = page.waitForRequest((request) => request.url().includes('watch.events'))
  page.on('request', (request) => addresses.push(request.url()))
  await page.goto(`${plane.origin}/services/hello?tab=logs&replica=1`)
  await expect(page.getByText('Live', { exact: true })).toBeVisible()
  await expect(page.getByRole('log', { name: 'Log' })).toBeVisible()
  expect((await streamed).headers()['x-skykeep-proof']).toBe(proof)
  expect(addresses.filter((address) => address.includes(proof))).toEqual([])
  expect(addresses.filter((address) => !address.startsWith(`${plane.origin}/`))).toEqual([])
  expect(await page.content()).not.toContain(proof)
  expect(plane.log()).not.toContain(proof)
})
