import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, test } from 'vitest'
import { currentTraceparent, linkCause } from '../src/scope.ts'
import { parseTraceparent } from '../src/traces/traceparent.ts'
import { tracesUrl } from '../src/traces/span.ts'
import { noTracing, openTracing } from '../src/traces/tracing.ts'

interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId?: string
  readonly links?: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes: readonly { readonly key: string; readonly value: { readonly stringValue?: string } }[]
  readonly status: { readonly code?: number; readonly message?: string }
}

let server: Server | undefined

afterEach(async () => {
  await new Promise((resolve) => (server === undefined ? resolve(undefined) : server.close(resolve)))
  server = undefined
})

/** An OTLP receiver over HTTP that keeps what it is sent. */
async function receive(): Promise<{
  readonly endpoint: string
  readonly spans: ReceivedSpan[]
  readonly paths: string[]
}> {
  const spans: ReceivedSpan[] = []
  const paths: string[] = []
  server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      paths.push(request.url ?? '')
      const body: unknown = JSON.parse(Buffer.concat(chunks).toString('utf8'))
      for (const { scopeSpans } of listIn(body, 'resourceSpans') as {
        scopeSpans: { spans: ReceivedSpan[] }[]
      }[])
        for (const scope of scopeSpans) spans.push(...scope.spans)
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server?.listen(0, '127.0.0.1', resolve))
  const { port } = server.address() as AddressInfo
  return { endpoint: `http://127.0.0.1:${port}`, spans, paths }
}

function listIn(value: unknown, key: string): readonly unknown[] {
  const list: unknown = Reflect.get(Object(value), key)
  return Array.isArray(list) ? list : []
}

describe('traces', () => {
  test('go to the receiver as nested spans; a caller is the parent, a cause is a link, an error leaves its code alone', async () => {
    const { endpoint, spans, paths } = await receive()
    const tracing = await openTracing({ process: 'worker', endpoint })
    const caller = `00-${'a'.repeat(32)}-${'b'.repeat(16)}-01`
    const cause = `00-${'c'.repeat(32)}-${'d'.repeat(16)}-01`
    let written: string | null = null
    await tracing.span({ name: 'outer', parent: caller, fields: { uid: 'svc_1' } }, async () => {
      written = currentTraceparent()
      linkCause(cause)
      const failing = tracing.span({ name: 'inner' }, () => Promise.reject(new Error('secret text')))
      await expect(failing).rejects.toThrow('secret text')
    })
    await tracing.stop()
    const outer = spans.find(({ name }) => name === 'outer')
    const inner = spans.find(({ name }) => name === 'inner')
    expect(paths).toEqual(['/v1/traces'])
    expect(outer).toMatchObject({ traceId: 'a'.repeat(32), parentSpanId: 'b'.repeat(16) })
    expect(outer?.links).toMatchObject([{ traceId: 'c'.repeat(32), spanId: 'd'.repeat(16) }])
    expect(outer?.attributes).toContainEqual({ key: 'skykeep.uid', value: { stringValue: 'svc_1' } })
    expect(inner).toMatchObject({
      traceId: 'a'.repeat(32),
      parentSpanId: outer?.spanId,
      status: { code: 2, message: 'Error' },
    })
    expect(written).toBe(`00-${'a'.repeat(32)}-${outer?.spanId}-01`)
  })

  test('a receiver that is not there fails nothing', async () => {
    const tracing = await openTracing({ process: 'worker', endpoint: 'http://127.0.0.1:1' })
    expect(await tracing.span({ name: 'work' }, () => Promise.resolve(7))).toBe(7)
    await tracing.stop()
  })

  test('without an address nothing is traced', async () => {
    expect(await openTracing({ process: 'web', endpoint: '' })).toBe(noTracing)
    expect(await noTracing.span({ name: 'work' }, () => Promise.resolve(currentTraceparent()))).toBeNull()
  })
})

test.each([
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', true],
  ['cc-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more', true],
  ['00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01-more', false],
  ['ff-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01', false],
  ['00-00000000000000000000000000000000-b7ad6b7169203331-01', false],
  ['00-0af7651916cd43dd8448eb211c80319c-0000000000000000-01', false],
  ['00-0AF7651916CD43DD8448EB211C80319C-b7ad6b7169203331-01', false],
  ['', false],
])('traceparent %j is read: %j', (text, isRead) => {
  expect(parseTraceparent(text) !== null).toBe(isRead)
})

test('traces are posted below the base address', () => {
  expect(tracesUrl('http://a:4318/')).toBe('http://a:4318/v1/traces')
  expect(tracesUrl('http://a:4318/v1/traces')).toBe('http://a:4318/v1/traces')
})
