import { createHmac, randomBytes } from 'node:crypto'
import { readFileSync } from 'node:fs'
import type { RouteTable } from '@skykeep/core/routes'
import { writeFileAtomic } from '@skykeep/persistent-path/atomic-file'
import type { Layout } from '@skykeep/persistent-path/layout'
import { createSecretFile } from '@skykeep/secrets/key-file'

/** Writes the authenticated snapshot that gateways start from: whole, durable, under its HMAC. Throws the file system's error. */
export function writeRouteFile(layout: Layout, table: RouteTable): void {
  createSecretFile(layout.gatewayKey, `${randomBytes(32).toString('hex')}\n`)
  const key = Buffer.from(readFileSync(layout.gatewayKey, 'utf8').trim(), 'hex')
  const text = JSON.stringify(table)
  const mac = createHmac('sha256', key).update(text).digest('hex')
  writeFileAtomic(layout.routesFile, JSON.stringify({ mac, table: text }))
}
