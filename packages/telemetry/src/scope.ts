import { AsyncLocalStorage } from 'node:async_hooks'

/** What a line of the log says beside its message: short names and ids, never a secret. */
export type ScopeFields = Record<string, string | number>

/** A span that is under way. */
export interface OpenSpan {
  /** W3C trace context, `00-<trace id>-<span id>-<flags>` (https://www.w3.org/TR/trace-context/). */
  readonly traceparent: string
  set(fields: Readonly<ScopeFields>): void
  /** Points at a span of another trace, by its traceparent; one that cannot be read is left out. */
  link(traceparent: string): void
}

interface Scope {
  readonly fields: ScopeFields
  readonly span: OpenSpan | null
}

// Next bundles parts of one program apart; they share what runs all the same.
const key = Symbol.for('skykeep.telemetry.scope')
const slots: Record<symbol, unknown> = Object(globalThis)
// Only this line writes the slot.
const scopes = (slots[key] ??= new AsyncLocalStorage()) as AsyncLocalStorage<Scope>

/** Runs `work`, and everything that it waits for, with these fields on each line that it logs. */
export function inScope<T>(fields: Readonly<ScopeFields>, work: () => T): T {
  const outer = scopes.getStore()
  return scopes.run({ fields: { ...outer?.fields, ...fields }, span: outer?.span ?? null }, work)
}

/** Runs `work` beneath a span; what it learns of itself stays in the fields around. */
export function inSpan<T>(span: OpenSpan, work: () => T): T {
  return scopes.run({ fields: scopes.getStore()?.fields ?? {}, span }, work)
}

/** Adds what is known by now, to the lines that follow and to the span. Does nothing outside of any scope. */
export function annotate(fields: Readonly<ScopeFields>): void {
  const scope = scopes.getStore()
  if (scope === undefined) return
  Object.assign(scope.fields, fields)
  scope.span?.set(fields)
}

/** Links the span under way to the one that caused it; null and outside of a span: nothing. */
export function linkCause(traceparent: string | null): void {
  if (traceparent !== null) scopes.getStore()?.span?.link(traceparent)
}

/** The span under way, to be written down or sent on; null while nothing is traced. */
export function currentTraceparent(): string | null {
  return scopes.getStore()?.span?.traceparent ?? null
}

/** The span under way; null while nothing is traced. */
export function currentSpan(): OpenSpan | null {
  return scopes.getStore()?.span ?? null
}

/** Fields of a line that is logged now. */
export function scopeFields(): ScopeFields {
  const scope = scopes.getStore()
  if (scope === undefined) return {}
  const traceId = scope.span?.traceparent.split('-')[1]
  return traceId === undefined ? scope.fields : { ...scope.fields, traceId }
}
