/** GET reads, POST asks for something, PUT sets something whole, DELETE ends something. */
export type RestMethod = 'GET' | 'POST' | 'PUT' | 'DELETE'

export interface RestDetails {
  /** What a caller should know beside the summary, in sentences. */
  readonly description?: string
  /** The fields of one call that makes sense, also those of path and query. */
  readonly example?: Readonly<Record<string, unknown>>
  /** Of a mutation that takes no `Idempotency-Key`: why, as the end of a sentence that begins there. */
  readonly noIdempotencyKeyBecause?: string
  /** Of a subscription; absent: each message is one event. */
  readonly stream?: RestStream
}

/** One server-sent event. */
export interface ServerEvent {
  /** What a client resumes from; empty: it stays what it was. */
  readonly id: string
  /** Absent: `message`. */
  readonly event?: string
  /** Undefined: only the id moves on, and no client is told. */
  readonly data: unknown
}

/** How a subscription's messages become server-sent events. */
export interface RestStream {
  readonly eventsOf: (message: unknown, id: string) => readonly ServerEvent[]
  /** Name of the schema of an event's data. */
  readonly dataSchema: string
}

/** How a procedure is reached at `/api/v1`; everything else follows from its schema and the type of its answer. */
export interface RestDeclaration extends RestDetails {
  readonly method: RestMethod
  /** Beneath `/api/v1`; `{name}` stands for the input's field of that name. */
  readonly path: string
  /** One line without a full stop. */
  readonly summary: string
}

/** What every procedure says of its REST face: where it is, or why it has none. */
export interface ApiMeta {
  readonly rest: RestDeclaration | { readonly notRestBecause: string }
}

/** Declares a procedure's REST face: `.meta(rest('GET /services/{name}', 'Show a service'))`. Fields that the path does not name come from the query (GET, DELETE) or the JSON body. */
export function rest(route: `${RestMethod} /${string}`, summary: string, details: RestDetails = {}): ApiMeta {
  const space = route.indexOf(' ')
  // The template type says so.
  const method = route.slice(0, space) as RestMethod
  return { rest: { method, path: route.slice(space + 1), summary, ...details } }
}

/** Keeps a procedure out of REST, with the reason. */
export function notRest(reason: string): ApiMeta {
  return { rest: { notRestBecause: reason } }
}
