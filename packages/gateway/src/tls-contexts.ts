import { readFileSync, realpathSync } from 'node:fs'
import { isAbsolute, join, sep } from 'node:path'
import type { Server } from 'node:tls'
import { createServer } from 'node:tls'
import type { ServiceRoute } from '@skykeep/core/routes'
import type { ServiceState } from './service-state.ts'

/** For a handshake, ms. */
const handshakeTimeout = 30_000

interface Entry {
  /** Digest of the files that were tried last. */
  digest: string
  /** Shakes hands with the last good ones; it listens nowhere. */
  acceptor: Server | null
  /** Why the files of `digest` are not used; '' when they are. */
  fault: string
}

/**
 * The certificates of the services that speak TLS: read again when their digest changes, at once for every new connection. Files
 * that cannot be used leave the ones before in force, and are tried again each second.
 */
export class TlsContexts {
  private readonly entries = new Map<string, Entry>()
  private readonly root: () => string
  private readonly onAcceptor: (acceptor: Server) => void

  /**
   * @param root the persistent path, to which the files are relative.
   * @param onAcceptor told of each before its first connection.
   */
  constructor(root: () => string, onAcceptor: (acceptor: Server) => void) {
    this.root = root
    this.onAcceptor = onAcceptor
  }

  /** Reads what a new table names, forgets what it does not. */
  follow(services: readonly ServiceState[]): void {
    const named = new Set<string>()
    for (const { uid, route } of services) {
      if (route.tls === undefined) continue
      named.add(uid)
      const known = this.entries.get(uid)
      if (known === undefined || known.digest !== route.tls.digest || known.fault !== '')
        this.read(uid, route.tls)
    }
    for (const uid of this.entries.keys()) if (!named.has(uid)) this.entries.delete(uid)
  }

  private read(uid: string, tls: NonNullable<ServiceRoute['tls']>): void {
    const entry = this.entries.get(uid) ?? { digest: '', acceptor: null, fault: '' }
    this.entries.set(uid, entry)
    entry.digest = tls.digest
    try {
      entry.acceptor = createServer({
        cert: this.contentOf(tls.certFile),
        key: this.contentOf(tls.keyFile),
        minVersion: 'TLSv1.2',
        ALPNProtocols: ['h2', 'http/1.1'],
        handshakeTimeout,
      })
      this.onAcceptor(entry.acceptor)
      entry.fault = ''
    } catch (error) {
      entry.fault = `certificate: ${error instanceof Error ? error.message : String(error)}`
    }
  }

  /** @throws Error for a file that lies outside of the persistent path, by its name or through a link, or cannot be read. */
  private contentOf(file: string): Buffer {
    const root = realpathSync(this.root())
    const path = isAbsolute(file) ? file : realpathSync(join(root, file))
    if (!path.startsWith(root + sep) || isAbsolute(file))
      throw new Error(`${file} is not inside the persistent path`)
    return readFileSync(path)
  }

  /** For a new connection; null when there is none to serve it with. */
  acceptorOf(serviceUid: string): Server | null {
    return this.entries.get(serviceUid)?.acceptor ?? null
  }

  /** Why a port cannot be served at all; '' when it can. */
  blockedReason({ uid, route }: ServiceState): string {
    const entry = this.entries.get(uid)
    return route.tls === undefined || entry === undefined || entry.acceptor !== null ? '' : entry.fault
  }

  /** What is wrong with a service that is served with the certificate before; '' when nothing is. */
  staleReason(serviceUid: string): string {
    const entry = this.entries.get(serviceUid)
    return entry === undefined || entry.acceptor === null ? '' : entry.fault
  }
}
