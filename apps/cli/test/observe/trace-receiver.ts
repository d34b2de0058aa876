import { createServer } from 'node:http'

export interface ReceivedSpan {
  readonly name: string
  readonly traceId: string
  readonly spanId: string
  readonly parentSpanId: string | undefined
  readonly links: readonly { readonly traceId: string; readonly spanId: string }[]
  readonly attributes: Readonly<Record<string, string | undefined>>
}

/** As OTLP's JSON has it (https://opentelemetry.io/docs/specs/otlp/#json-protobuf-encoding). */
interface Sent {
  readonly resourceSpans: readonly {
    readonly scopeSpans: readonly {
      readonly spans: readonly (Pick<ReceivedSpan, 'name' | 'traceId' | 'spanId' | 'parentSpanId'> & {
        readonly links?: ReceivedSpan['links']
        readonly attributes: readonly {
          readonly key: string
          readonly value: { readonly stringValue?: string }
        }[]
      })[]
    }[]
  }[]
}

export interface TraceReceiver {
  readonly endpoint: string
  readonly spans: readonly ReceivedSpan[]
  close(): Promise<void>
}

/** An OTLP/HTTP receiver that keeps every span. */
export async function receiveTraces(): Promise<TraceReceiver> {
  const spans: ReceivedSpan[] = []
  const server = createServer((request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => {
      // Whoever sends something else fails the test that waits for it.
      const { resourceSpans } = JSON.parse(Buffer.concat(chunks).toString('utf8')) as Sent
      for (const { scopeSpans } of resourceSpans)
        for (const scope of scopeSpans)
          for (const { links = [], attributes, ...span } of scope.spans)
            spans.push({
              ...span,
              parentSpanId: span.parentSpanId,
              links,
              attributes: Object.fromEntries(attributes.map(({ key, value }) => [key, value.stringValue])),
            })
      response.setHeader('content-type', 'application/json')
      response.end('{}')
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('the system gave no port')
  return {
    endpoint: `http://127.0.0.1:${address.port}`,
    spans,
    close: async () => {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
