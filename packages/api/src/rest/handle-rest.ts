import { createHash } from 'node:crypto'
import { callTRPCProcedure } from '@trpc/server'
import { KeyedRequest } from '@skykeep/actions/idempotency/keyed-request'
import { runOnce } from '@skykeep/actions/idempotency/run-once'
import { SkykeepError } from '@skykeep/core/errors'
import { appRouter } from '../router.ts'
import type { ApiContext } from '../trpc.ts'
import { eventStream } from './event-stream.ts'
import { idempotencyKeyOf, refuseIdempotencyKey, replayedHeader } from './idempotency-key.ts'
import { json, written, writtenText } from './json-answer.ts'
import { matchPath, type Matched } from './match-route.ts'
import { notAllowed } from './not-allowed.ts'
import { openApiText } from './openapi.ts'
import { documentPath, methodsAt, restPrefix } from './path-methods.ts'
import { problemOf, problemResponse, type Problem } from './problem.ts'
import { readInput } from './read-input.ts'
import { refuseUnsupported } from './unsupported-headers.ts'
import { takeUpload } from './upload.ts'
import { uploadPath } from './upload-operation.ts'

/** Seconds, as HTTP says it: most requests are answered by then. */
const retryAfter = { 'retry-after': '1' }

export interface RestCall {
  readonly request: Request
  /** Who asks, and with what; throws when the state cannot be had now. */
  readonly context: () => Promise<ApiContext>
  /** The whole body; throws TOO_LARGE. */
  readonly readBody: () => Promise<string>
  /** The body as it comes, for a file; null without one. */
  readonly body: () => AsyncIterable<Uint8Array> | null
  /** Told of every error that nobody expected, for the log. */
  readonly onInternal: (error: unknown, procedure: string) => void
}

/** Answers one request beneath `/api/v1` by calling the procedure that declares its path; never throws. */
export async function handleRest(call: RestCall): Promise<Response> {
  const { request } = call
  const url = new URL(request.url)
  const path = url.pathname.slice(restPrefix.length)
  let procedure = path
  try {
    const methods = methodsAt(path)
    if (methods.length === 0) throw noSuchPath()
    if (request.method === 'OPTIONS') return allowed(methods)
    if (!methods.includes(request.method)) return notAllowed(request.method, methods)
    if (path === documentPath) return readable(request, openApiText())
    if (path === uploadPath) return await upload(call)
    const wanted = request.method === 'HEAD' ? 'GET' : request.method
    const matched = matchPath(path).find(({ route }) => route.method === wanted)
    if (matched === undefined) throw noSuchPath()
    procedure = matched.route.name
    return await answer(call, matched, url)
  } catch (error) {
    return failed(call, error, procedure)
  }
}

async function answer(call: RestCall, matched: Matched, url: URL): Promise<Response> {
  const { request } = call
  const { route } = matched
  refuseUnsupported(request.headers)
  const key = idempotencyKeyOf(request.headers, route)
  const ctx = await call.context()
  if (ctx.actor === null) throw notSignedIn(request.headers)
  const input = await readInput(matched, { url, headers: request.headers, readBody: call.readBody })
  const { userUid } = ctx.actor
  const keyed = key === null ? null : new KeyedRequest({ userUid, key, procedure: route.name, input })
  const run = async (signal: AbortSignal): Promise<unknown> => {
    const value: unknown = await callTRPCProcedure({
      router: appRouter,
      path: route.name,
      type: route.kind,
      getRawInput: () => Promise.resolve(input),
      ctx: keyed === null ? ctx : { ...ctx, keyed },
      signal,
      batchIndex: 0,
    })
    return value
  }
  try {
    if (keyed !== null) {
      const { text, isReplay } = await runOnce(ctx.services, keyed, () => run(request.signal))
      return writtenText(text, isReplay ? { [replayedHeader]: 'true' } : {})
    }
    if (route.kind !== 'subscription') return answered(request, await run(request.signal))
    if (request.method === 'HEAD')
      return new Response(null, { headers: { 'content-type': 'text/event-stream' } })
    return await eventStream({
      // A subscription's procedure returns its messages.
      open: async (signal) => (await run(signal)) as AsyncIterable<unknown>,
      stream: route.stream,
      signal: request.signal,
      onProblem: (error, { code }) => code === 'INTERNAL' && call.onInternal(error, route.name),
    })
  } catch (error) {
    return failed(call, error, route.name, input)
  }
}

/** A file is no input of a procedure: it is stored as it comes. */
async function upload({ request, context, body }: RestCall): Promise<Response> {
  refuseUnsupported(request.headers)
  refuseIdempotencyKey(request.headers, 'an upload that nobody names goes after a day: send it again without')
  const ctx = await context()
  if (ctx.actor === null) throw notSignedIn(request.headers)
  return json(JSON.stringify(await takeUpload(ctx, ctx.actor, { headers: request.headers, body: body() })))
}

function answered(request: Request, value: unknown): Response {
  const isRead = request.method === 'GET' || request.method === 'HEAD'
  return isRead ? readable(request, JSON.stringify(value)) : written(value)
}

/** An answer that a client may keep, and ask again with `If-None-Match` whether it still holds (RFC 9110 §13.1.2). */
function readable(request: Request, text: string): Response {
  const etag = `"${createHash('sha256').update(text).digest('base64url').slice(0, 22)}"`
  const known = request.headers
    .get('if-none-match')
    ?.split(',')
    .map((tag) => tag.trim().replace(/^W\//, ''))
  const headers = { etag, 'cache-control': 'private, no-cache', vary: 'authorization, cookie' }
  if (known?.includes(etag) === true) return new Response(null, { status: 304, headers })
  return json(request.method === 'HEAD' ? null : text, headers)
}

function allowed(methods: readonly string[]): Response {
  return new Response(null, { status: 204, headers: { allow: methods.join(', ') } })
}

function failed(call: RestCall, error: unknown, procedure: string, input?: unknown): Response {
  const problem: Problem = problemOf(error, input)
  if (problem.code === 'INTERNAL') call.onInternal(error, procedure)
  return problemResponse(problem, problem.code === 'IDEMPOTENCY_KEY_IN_USE' ? retryAfter : {})
}

function noSuchPath(): SkykeepError {
  return new SkykeepError('NOT_FOUND', 'no such path', {
    userMessage: 'There is nothing at this path.',
    hint: `Every path stands in ${restPrefix}/openapi.json.`,
  })
}

function notSignedIn(headers: Headers): SkykeepError {
  const hasToken = headers.has('authorization')
  return new SkykeepError('UNAUTHENTICATED', 'no session and no token', {
    userMessage: hasToken
      ? 'This token does not hold: it is unknown, or was revoked.'
      : 'You are not signed in.',
    hint: 'Make a token with `skykeep token create NAME`, and send it as `Authorization: Bearer TOKEN`.',
  })
}
