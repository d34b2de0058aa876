import type { Server } from 'node:http'
import { createServer, request } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { RouteTable } from '@skykeep/core/routes'

export type Outcome = 'ok' | 'refused' | 'broken'

/** One replica that says hello, or begins a stream that does not end. */
export class HelloReplica {
  private readonly server: Server = createServer((incoming, response) => {
    if (incoming.url?.startsWith('/stream') === true) {
      response.write('data: first\n\n')
      return
    }
    response.end('hello')
  })

  async start(): Promise<void> {
    await new Promise<void>((resolve) => this.server.listen(0, '127.0.0.1', resolve))
  }

  async stop(): Promise<void> {
    this.server.closeAllConnections()
    await new Promise((resolve) => this.server.close(resolve))
  }

  /** A service on a port, with this replica. */
  serviceOn(at: number, uid = 'svc_1'): RouteTable['services'][number] {
    const { port } = this.server.address() as AddressInfo // a TCP server has an AddressInfo
    const address = { host: '127.0.0.1', port, isDraining: false }
    return {
      serviceUid: uid,
      serviceName: 'hello',
      host: '127.0.0.1',
      port: at,
      policy: 'least_load',
      streamTimeoutSeconds: 120,
      replicas: [{ replicaUid: 'rep_1', replicaId: 1, version: 1, ...address }],
    }
  }
}

/** One request on a connection of its own. */
export function ask(port: number): Promise<Outcome> {
  return new Promise((resolve) => {
    const outgoing = request({ port, host: '127.0.0.1', agent: false }, (response) => {
      response.on('data', () => undefined)
      response.on('error', () => resolve('broken'))
      response.on('end', () => resolve(response.statusCode === 200 ? 'ok' : 'broken'))
    })
    outgoing.on('error', (error: NodeJS.ErrnoException) => {
      resolve(error.code === 'ECONNREFUSED' ? 'refused' : 'broken')
    })
    outgoing.end()
  })
}
