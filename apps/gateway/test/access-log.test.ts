import { readdirSync, readFileSync, statSync } from 'node:fs'
import type { RouteTable } from '@skykeep/core/routes'
import type { Layout } from '@skykeep/persistent-path/layout'
import { afterEach, describe, expect, it } from 'vitest'
import { freePort, GatewayProcesses, until } from './gateway-processes.ts'

const started: GatewayProcesses[] = []

afterEach(async () => {
  await Promise.all(started.splice(0).map((gateways) => gateways.remove()))
})

/** A service that has no replica: each of its requests gets 503. */
function logged(port: number): RouteTable['services'] {
  const route = { serviceUid: 'svc_1', serviceName: 'hello', host: '127.0.0.1', port, replicas: [] }
  return [{ ...route, policy: 'least_load', streamTimeoutSeconds: 120, accessLog: { sample: 1 } }]
}

/** The paths in all access logs of a persistent path. */
function pathsIn({ accessLogsDir }: Layout): readonly string[] {
  const files = readdirSync(accessLogsDir).toSorted()
  const lines = files.flatMap((name) =>
    readFileSync(`${accessLogsDir}/${name}`, 'utf8').trimEnd().split('\n'),
  )
  return lines.map((line) => String(Reflect.get(Object(JSON.parse(line)), 'path')))
}

describe('the access log', () => {
  it('stands beneath the persistent path, follows to another, and is whole when the process ends in good order', async () => {
    const port = await freePort()
    const old = new GatewayProcesses()
    started.push(old)
    old.writeTable(logged(port))
    const there = old.copy()
    started.push(there)
    old.start(1)
    const [gateway] = await old.untilServing(1, [port])
    const ask = async (path: string): Promise<void> => {
      const { status } = await fetch(`http://127.0.0.1:${port}${path}?token=hush`)
      expect(status).toBe(503)
    }
    await ask('/before')
    const file = old.layout.accessLog('gateway-0')
    // The file is there a moment before its first line.
    await until('the first line', () => statSync(file, { throwIfNoEntry: false })?.size)
    expect(pathsIn(old.layout)).toEqual(['/before'])
    expect(statSync(file).mode & 0o777).toBe(0o600)
    expect(readFileSync(file, 'utf8')).not.toContain('hush')
    if (gateway === undefined) throw new Error('no gateway process')
    await old.call(gateway, 'POST', '/rebase', { root: there.root })
    await ask('/after')
    const [moved] = await there.untilServing(1, [port])
    if (moved === undefined) throw new Error('it did not move')
    await there.call(moved, 'POST', '/stop', { graceMs: 0 })
    await until('its end', () => there.living.length === 0)
    expect(pathsIn(there.layout)).toEqual(['/after'])
    expect(pathsIn(old.layout)).toEqual(['/before'])
  })
})
