import { forwardedElement } from './forwarded-field.ts'

export interface ForwardingOptions {
  /** Address of the client as it connected. */
  readonly clientAddress: string
  /** Host for an HTTP/1.0 request that names none. */
  readonly fallbackHost: string
  /** The client spoke TLS to the gateway. */
  readonly isTls: boolean
}

/** What the gateway adds to the requests of one connection: put together once while they name the same host. */
export class Forwarding {
  readonly fallbackHost: string
  private readonly options: ForwardingOptions
  private host = ''
  private kept = ''

  constructor(options: ForwardingOptions) {
    this.options = options
    this.fallbackHost = options.fallbackHost
  }

  /**
   * The lines to add, the last one without its value: that is the request's id.
   * @param addresses what X-Forwarded-For held, '' or with a comma behind it.
   * @param elements the same of Forwarded.
   */
  lines(host: string, addresses: string, elements: string): string {
    if (addresses !== '' || elements !== '') return this.linesAfter(host, addresses, elements)
    if (host !== this.host || this.kept === '') {
      this.host = host
      this.kept = this.linesAfter(host, '', '')
    }
    return this.kept
  }

  private linesAfter(host: string, addresses: string, elements: string): string {
    const { clientAddress, isTls } = this.options
    return `X-Forwarded-For: ${addresses}${clientAddress}\r\nX-Forwarded-Proto: ${isTls ? 'https' : 'http'}\r\nX-Forwarded-Host: ${host}\r\nForwarded: ${elements}${forwardedElement(clientAddress, host, isTls)}\r\nX-Request-Id: `
  }
}
