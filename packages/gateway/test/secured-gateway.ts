import { mkdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import type { ServiceRoute } from '@skykeep/core/routes'
import { startGateway } from './harness.ts'
import type { Routed, TestGateway } from './harness.ts'
import { selfSigned } from './self-signed.ts'

const certificate = selfSigned('h2')
const tls = { certFile: 'tls/cert.pem', keyFile: 'tls/key.pem', digest: '1' }

/** A gateway in this process that speaks TLS, with a certificate signed by itself, before this replica. */
export async function startSecuredGateway(
  upstream: Routed,
  service: Partial<ServiceRoute> = {},
): Promise<TestGateway> {
  const gateway = await startGateway([upstream])
  mkdirSync(join(gateway.folder.path, 'tls'), { recursive: true })
  writeFileSync(join(gateway.folder.path, tls.keyFile), certificate.key)
  writeFileSync(join(gateway.folder.path, tls.certFile), certificate.cert)
  await gateway.route([upstream], { service: { tls, ...service } })
  return gateway
}
