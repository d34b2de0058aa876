import { createServer } from 'node:http'

/** A program of somebody else that listens on another port of the dashboard's host, as a replica on `local` does. */
export interface Workload {
  readonly origin: string
  /** `Cookie` headers that browsers sent it. */
  readonly cookies: readonly string[]
  close(): Promise<void>
}

export async function startWorkload(): Promise<Workload> {
  const cookies: string[] = []
  const server = createServer((incoming, response) => {
    if (incoming.headers.cookie !== undefined) cookies.push(incoming.headers.cookie)
    response.setHeader('content-type', 'text/html')
    response.end('<!doctype html><title>workload</title><p>hello</p>')
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  const address = server.address()
  if (address === null || typeof address === 'string') throw new Error('no address')
  return {
    origin: `http://127.0.0.1:${address.port}`,
    cookies,
    close: async () => {
      const closed = new Promise((resolve) => server.close(resolve))
      server.closeAllConnections()
      await closed
    },
  }
}
