import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { connect } from 'node:tls'
import { setTimeout as delay } from 'node:timers/promises'
import { X509Certificate } from 'node:crypto'
import type { ServiceRoute } from '@skykeep/core/routes'
import { defaultOutliers } from '@skykeep/core/service-spec'
import type { GatewayProcesses } from '../../apps/gateway/test/gateway-processes.ts'
import { selfSigned } from '../../packages/gateway/test/self-signed.ts'
import type { SeededRandom } from '../gateway-fuzz/seeded-random.ts'
import type { Causes } from './causes.ts'
import type { SoakService, Table } from './table.ts'

/** What a service may say of its routes, one after another; none of it refuses a request. */
const manners: readonly Partial<ServiceRoute>[] = [
  {},
  { policy: 'round_robin' },
  { policy: 'power_of_two_choices', prefersNear: true },
  { policy: 'instance_aware_least_load' },
  { policy: 'consistent_hash', hash: { by: 'path', loadFactor: 1.25 } },
  { maxConcurrencyPerReplica: 12 },
  { hedge: { afterSeconds: 0.05 } },
  { outlierDetection: defaultOutliers, policy: 'round_robin' },
  {
    split: [
      { versions: [1], percent: 70 },
      { versions: [2], percent: 30 },
    ],
  },
]
const longestAbsenceMs = 800

export interface RouteChurnParts {
  readonly gateway: GatewayProcesses
  readonly table: Table
  readonly causes: Causes
  readonly random: SeededRandom
  readonly onFault: (fault: string) => void
}

/** What happens to routes: policies, limits, services that come, go and close, certificates, snapshots that are torn, signals. */
export class RouteChurn {
  private readonly parts: RouteChurnParts
  private readonly fickle: SoakService
  private readonly secure: SoakService
  private readonly folder: string
  private certificates = 0

  constructor(
    parts: RouteChurnParts,
    services: { readonly fickle: SoakService; readonly secure: SoakService },
  ) {
    this.parts = parts
    this.fickle = services.fickle
    this.secure = services.secure
    this.folder = join(parts.gateway.root, 'tls')
    mkdirSync(this.folder)
    this.makeCertificate()
  }

  /** One thing happens to the routes; when this resolves all services are there and open. */
  async once(): Promise<void> {
    const { table, causes, random } = this.parts
    switch (random.below(9)) {
      case 0:
      case 1:
      case 2:
        return this.changeManners()
      case 3:
        causes.noteHarmless('certificate renewed')
        this.makeCertificate()
        await table.publish()
        return this.expectCertificate()
      case 4:
        return this.breakCertificate()
      case 5:
        return this.comeAndGo()
      case 6:
        return random.once(2) ? this.remove() : this.close()
      case 7:
        return this.tearSnapshot()
      default:
        causes.noteHarmless('SIGHUP')
        for (const { pid } of this.parts.gateway.living) process.kill(pid, 'SIGHUP')
    }
  }

  private async changeManners(): Promise<void> {
    const { table, causes, random } = this.parts
    causes.noteHarmless('policy or limits changed')
    const changing = table.services.filter(({ name }) => name === 'plain' || name === 'secure')
    for (const service of changing) {
      const { tls } = service.settings
      service.settings = { ...manners[random.below(manners.length)], ...(tls === undefined ? {} : { tls }) }
    }
    await table.publish()
  }

  private makeCertificate(): void {
    this.certificates += 1
    const { key, cert } = selfSigned(`soak ${this.certificates}`)
    const name = `certificate-${this.certificates}`
    writeFileSync(join(this.folder, `${name}.pem`), cert)
    writeFileSync(join(this.folder, `${name}.key`), key)
    this.secure.settings = {
      ...this.secure.settings,
      tls: { certFile: `tls/${name}.pem`, keyFile: `tls/${name}.key`, digest: name },
    }
  }

  /** A new connection gets the newest certificate, whichever process takes it. */
  private async expectCertificate(): Promise<void> {
    const socket = connect({ port: this.secure.port, host: '127.0.0.1', rejectUnauthorized: false })
    const shown = await new Promise<Buffer | null>((resolve) => {
      socket.on('secureConnect', () => resolve(socket.getPeerCertificate().raw))
      socket.on('close', () => resolve(null))
      socket.on('error', () => resolve(null))
    })
    socket.destroy()
    // The process that took it was killed.
    if (shown === null) return
    const { subject } = new X509Certificate(shown)
    if (subject !== `CN=soak ${this.certificates}`)
      this.parts.onFault(
        `a new connection got the certificate ${subject} instead of number ${this.certificates}`,
      )
  }

  /** Files that cannot be used: the port goes on with the certificate before. */
  private async breakCertificate(): Promise<void> {
    const { table, causes } = this.parts
    causes.noteHarmless('certificate that cannot be used')
    const { tls } = this.secure.settings
    if (tls === undefined) return
    this.secure.settings = { ...this.secure.settings, tls: { ...tls, keyFile: 'tls/none', digest: 'none' } }
    await table.publish()
    await this.expectCertificate()
    await delay(this.parts.random.below(longestAbsenceMs))
    this.secure.settings = { ...this.secure.settings, tls }
    await table.publish()
  }

  /** A service that nobody had and nobody will have again, on a port of its own. */
  private async comeAndGo(): Promise<void> {
    const { table, causes, random } = this.parts
    causes.noteHarmless('service added, asked and removed for good')
    const service = await table.addService('passing', {}, true)
    const [replica] = this.fickle.replicas
    if (replica !== undefined) service.replicas.push(replica)
    await table.publish()
    await delay(random.below(longestAbsenceMs))
    table.services.splice(table.services.indexOf(service), 1)
    await table.publish()
  }

  private async remove(): Promise<void> {
    const { table, causes, random } = this.parts
    const { fickle } = this
    const end = causes.begin('route removed', fickle.name)
    fickle.isRouted = false
    await table.publish()
    await delay(random.below(longestAbsenceMs))
    fickle.isRouted = true
    await table.publish()
    end()
  }

  private async close(): Promise<void> {
    const { table, causes, random } = this.parts
    const { fickle } = this
    const end = causes.begin('service closed', fickle.name)
    fickle.settings = { closed: { reason: 'PAUSED', message: 'paused by the soak', opensAtMs: null } }
    await table.publish()
    await delay(random.below(longestAbsenceMs))
    fickle.settings = {}
    await table.publish()
    end()
  }

  /** What is not whole, or not ours, is not put in force. */
  private async tearSnapshot(): Promise<void> {
    const { table, causes, random } = this.parts
    causes.noteHarmless('snapshot torn')
    await table.publishTorn(random.below(longestAbsenceMs))
  }
}
