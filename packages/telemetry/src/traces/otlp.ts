import {
  ROOT_CONTEXT,
  SpanKind,
  SpanStatusCode,
  trace,
  type Context,
  type Span,
  type SpanContext,
  type Tracer,
} from '@opentelemetry/api'
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http'
import { resourceFromAttributes } from '@opentelemetry/resources'
import { BatchSpanProcessor, TracerProvider } from '@opentelemetry/sdk-trace'
import { currentTraceparent, inSpan, type OpenSpan, type ScopeFields } from '../scope.ts'
import { parseTraceparent } from './traceparent.ts'
import { tracesUrl, type SpanWish, type Tracing } from './span.ts'

const stopWaitMs = 3_000
const sendEveryMs = 1_000

const kindOf = { server: SpanKind.SERVER, client: SpanKind.CLIENT } as const

/** Batches spans and posts them as JSON. A receiver that does not answer costs a bounded queue and nothing else. */
export function startOtlp(process: string, endpoint: string): Tracing {
  const exporter = new OTLPTraceExporter({ url: tracesUrl(endpoint) })
  const provider = new TracerProvider({
    resource: resourceFromAttributes({
      'service.name': `skykeep-${process.replace(/-\d+$/, '')}`,
      'service.namespace': 'skykeep',
      'skykeep.process': process,
    }),
    spanProcessors: [new BatchSpanProcessor({ exporter, scheduledDelayMillis: sendEveryMs })],
  })
  const tracer = provider.getTracer('skykeep')
  return {
    isOn: true,
    span: (wish, work) => traced(tracer, wish, work),
    stop: async () => {
      const sent = provider.shutdown().catch(() => undefined)
      await Promise.race([sent, new Promise((resolve) => setTimeout(resolve, stopWaitMs).unref())])
    },
  }
}

async function traced<T>(tracer: Tracer, wish: SpanWish, work: () => Promise<T>): Promise<T> {
  const { name, fields = {}, role, parent = currentTraceparent() } = wish
  const kind = role === undefined ? SpanKind.INTERNAL : kindOf[role]
  const span = tracer.startSpan(name, { kind, attributes: attributesOf(fields) }, beneath(parent))
  try {
    return await inSpan(openSpan(span), work)
  } catch (error) {
    span.setStatus({ code: SpanStatusCode.ERROR, message: nameOf(error) })
    throw error
  } finally {
    span.end()
  }
}

function openSpan(span: Span): OpenSpan {
  const { traceId, spanId, traceFlags } = span.spanContext()
  return {
    traceparent: `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`,
    set: (fields) => void span.setAttributes(attributesOf(fields)),
    link: (traceparent) => {
      const context = contextOf(traceparent)
      if (context !== null) span.addLink({ context })
    },
  }
}

function attributesOf(fields: Readonly<ScopeFields>): Record<string, string | number> {
  return Object.fromEntries(Object.entries(fields).map(([key, value]) => [`skykeep.${key}`, value]))
}

function beneath(parent: string | null): Context {
  const context = parent === null ? null : contextOf(parent)
  return context === null ? ROOT_CONTEXT : trace.setSpanContext(ROOT_CONTEXT, context)
}

function contextOf(traceparent: string): SpanContext | null {
  const parsed = parseTraceparent(traceparent)
  return parsed === null ? null : { ...parsed, isRemote: true }
}

/** The error's code or name: its text may hold what somebody typed. */
function nameOf(error: unknown): string {
  if (!(error instanceof Error)) return 'unknown'
  return 'code' in error && typeof error.code === 'string' ? error.code : error.name
}
