import type { Actor, Role } from '@skykeep/core/actor'
import { handleRest } from '@skykeep/api/rest/handle-rest'
import type { ActionServices } from '@skykeep/actions/context'
import type { ActionWorld } from '@skykeep/testing/action-services'

export interface Sent {
  readonly role?: Role | null
  readonly headers?: Readonly<Record<string, string>>
  /** Sent as JSON. */
  readonly json?: unknown
  /** Sent as it is. */
  readonly text?: string
  readonly services?: ActionServices
  readonly signal?: AbortSignal
}

/** Asks a REST path beneath `/api/v1` as somebody of that role (admin). */
export async function ask(world: ActionWorld, line: string, sent: Sent = {}): Promise<Response> {
  const space = line.indexOf(' ')
  const text = sent.text ?? (sent.json === undefined ? undefined : JSON.stringify(sent.json))
  const role = sent.role === undefined ? 'admin' : sent.role
  const actor: Actor | null = role === null ? null : world.as(role).actor
  const request = new Request(`http://127.0.0.1/api/v1${line.slice(space + 1)}`, {
    method: line.slice(0, space),
    headers: { ...(sent.json === undefined ? {} : { 'content-type': 'application/json' }), ...sent.headers },
    ...(text === undefined ? {} : { body: text }),
    ...(sent.signal === undefined ? {} : { signal: sent.signal }),
  })
  return await handleRest({
    request,
    context: () =>
      Promise.resolve({
        services: sent.services ?? world.services,
        actor,
        clearSessionCookie: () => undefined,
      }),
    readBody: () => request.text(),
    body: () => request.body,
    onInternal: () => undefined,
  })
}

/** A service that needs no file. */
export const helloYaml =
  'name: hello\nservice:\n  readiness_probe: /\n  replicas: 1\nrun: python3 -m http.server $PORT\n'

/** The text of a stream up to and with a part. */
export async function readUntil(response: Response, part: string): Promise<string> {
  let text = ''
  const decoder = new TextDecoder()
  for await (const piece of response.body ?? []) {
    text += decoder.decode(piece, { stream: true })
    if (text.includes(part)) break
  }
  return text
}
