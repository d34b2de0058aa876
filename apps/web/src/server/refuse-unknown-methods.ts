import { Server, type IncomingMessage, type ServerResponse } from 'node:http'
import { notAllowed } from '@skykeep/api/rest/not-allowed'
import { methodsAt, restPrefix } from '@skykeep/api/rest/path-methods'
import { commonHeaders } from './security-headers.ts'

/** What Next knows; it answers 500 to TRACE, of which it cannot make a Request, and 400 without a word to any other. */
const known = new Set(['GET', 'HEAD', 'POST', 'PUT', 'PATCH', 'DELETE', 'OPTIONS'])

/** Answers 405 to any other method before Next sees it, for every HTTP server of this process; once is enough. */
export function refuseUnknownMethods(): void {
  const emit = Server.prototype.emit
  Server.prototype.emit = function (this: Server, event: string | symbol, ...args: readonly unknown[]) {
    if (event !== 'request') return Reflect.apply(emit, this, [event, ...args])
    // What Node gives to listeners of this event.
    const [request, response] = args as readonly [IncomingMessage, ServerResponse]
    if (known.has(request.method ?? '')) return Reflect.apply(emit, this, [event, ...args])
    void answer(request, response)
    return true
  }
}

async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
  const refusal = notAllowed(request.method ?? '', methodsOf(request.url ?? '/'))
  for (const [name, value] of [...refusal.headers, ...Object.entries(commonHeaders)])
    response.setHeader(name, value)
  response.writeHead(refusal.status).end(await refusal.text())
}

/** Of a page: what a browser asks with. */
function methodsOf(target: string): readonly string[] {
  const [path = ''] = target.split('?')
  if (!path.startsWith(`${restPrefix}/`)) return ['GET', 'HEAD']
  try {
    return methodsAt(path.slice(restPrefix.length))
  } catch {
    return []
  }
}
