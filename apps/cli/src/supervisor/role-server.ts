import { createServer, type Server } from 'node:http'

export interface RoleAddress {
  readonly host: string
  readonly port: number
}

/**
 * Answers `GET /role` for a load balancer, also while web is not there: 200 while this plane holds the path and has taken it over, else 503.
 * Says nothing else, to anybody. An address that is held by another program is tried again every second.
 */
export class RoleServer {
  readonly #server: Server
  readonly #address: RoleAddress
  readonly #say: (line: string) => void
  #isActive: () => boolean = () => false
  #retry: NodeJS.Timeout | undefined
  #wasSaid = false

  constructor(address: RoleAddress, say: (line: string) => void) {
    this.#address = address
    this.#say = say
    this.#server = createServer((request, response) => {
      request.resume()
      const isKnown =
        (request.method === 'GET' || request.method === 'HEAD') && request.url?.split('?')[0] === '/role'
      const isActive = this.#isActive()
      const status = !isKnown ? 404 : isActive ? 200 : 503
      response.writeHead(status, { 'content-type': 'application/json', 'cache-control': 'no-store' })
      response.end(isKnown ? `{"role":"${isActive ? 'active' : 'standby'}"}\n` : '')
    })
    this.#server.on('error', (error) => this.#again(error))
    this.#server.on('listening', () => this.#say(`role: http://${address.host}:${address.port}/role`))
    this.#listen()
  }

  /** Who is asked from now on. */
  follow(isActive: () => boolean): void {
    this.#isActive = isActive
  }

  close(): void {
    clearTimeout(this.#retry)
    this.#server.closeAllConnections()
    this.#server.close()
  }

  #listen(): void {
    this.#server.listen(this.#address.port, this.#address.host)
  }

  #again(error: Error): void {
    if (!this.#wasSaid) this.#say(`role: ${error.message}; tries again`)
    this.#wasSaid = true
    this.#retry = setTimeout(() => this.#listen(), 1000).unref()
  }
}
