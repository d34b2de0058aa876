import { initTRPC } from '@trpc/server'
import superjson from 'superjson'
import { ZodError } from 'zod'
import { SkykeepError } from '@skykeep/core/errors'
import type { Actor } from '@skykeep/core/actor'
import type { ActionContext, ActionServices } from '@skykeep/actions/context'
import type { KeyedRequest } from '@skykeep/actions/idempotency/keyed-request'
import { shownErrorOf, toTrpcError } from './errors.ts'
import type { ApiMeta } from './rest/declaration.ts'

/** What the composition root gives each request. */
export interface ApiContext {
  readonly services: ActionServices
  /** Null: nobody, or somebody whose session or token no longer holds. */
  readonly actor: Actor | null
  /** Set where the request carries an `Idempotency-Key`. */
  readonly keyed?: KeyedRequest
  /** Takes the session cookie back from the browser; does nothing for a bearer token. */
  readonly clearSessionCookie: () => void
  /** Watches every call; absent: nobody does. */
  readonly observer?: CallObserver
}

/** Told of the calls of the API. */
export interface CallObserver {
  /** Runs a call, and learns how it ends. A stream's call ends when the stream is open. */
  call<T extends CallEnd>(procedure: string, run: () => Promise<T>): Promise<T>
  /** A stream has begun. @returns called once when it is over. */
  streamOpened(procedure: string): () => void
}

/** How a call ended. */
export interface CallEnd {
  readonly ok: boolean
  readonly error?: unknown
}

const t = initTRPC
  .context<ApiContext>()
  .meta<ApiMeta>()
  .create({
    transformer: superjson,
    isDev: false,
    sse: { ping: { enabled: true, intervalMs: 3_000 }, client: { reconnectAfterInactivityMs: 10_000 } },
    errorFormatter: ({ shape, error }) => {
      const shown = shownErrorOf(error)
      const invalid = error.cause instanceof ZodError ? invalidInput(error.cause) : null
      const userMessage = invalid ?? shown.userMessage
      const { stack: _stack, ...safe } = shape.data
      return { ...shape, message: userMessage, data: { ...safe, skykeep: { ...shown, userMessage } } }
    },
  })

/** What is wrong with the input, in one line: `limit: Too big: expected number to be <=200`. */
function invalidInput({ issues }: ZodError): string {
  return issues.map(({ path, message }) => `${path.join('.') || 'input'}: ${message}`).join('; ')
}

const observed = t.middleware(async ({ ctx: { observer }, path, type, next }) => {
  if (observer === undefined) return await next()
  const result = await observer.call(path, () => next())
  if (!result.ok || type !== 'subscription' || !isAsyncIterable(result.data)) return result
  return { ...result, data: watched(result.data, () => observer.streamOpened(path)) }
})

async function* watched(
  stream: AsyncIterable<unknown>,
  open: () => () => void,
): AsyncGenerator<unknown, void> {
  const close = open()
  try {
    yield* stream
  } finally {
    close()
  }
}

function isAsyncIterable(value: unknown): value is AsyncIterable<unknown> {
  return typeof value === 'object' && value !== null && Symbol.asyncIterator in value
}

const errorsMapped = t.middleware(async ({ next }) => {
  const result = await next()
  if (result.ok) return result
  throw toTrpcError(result.error)
})

export const router = t.router
export const publicProcedure = t.procedure.use(observed).use(errorsMapped)

/** Needs somebody signed in; hands the action its context. Which roles may is the action's first line. */
export const authedProcedure = publicProcedure.use(({ ctx, next }) => {
  if (ctx.actor === null) {
    throw new SkykeepError('UNAUTHENTICATED', 'no session and no token', {
      userMessage: 'You are not signed in.',
      hint: 'Run `skykeep login` and open its link.',
    })
  }
  const action: ActionContext = {
    ...ctx.services,
    actor: ctx.actor,
    ...(ctx.keyed === undefined ? {} : { keyed: ctx.keyed }),
  }
  return next({ ctx: { action } })
})
