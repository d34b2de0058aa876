import { writeFileSync } from 'node:fs'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { readRouteFile, routeFileText } from '../src/route-file.ts'
import { GatewayFolder, RawClient, startGateway, tableOf } from './harness.ts'

let folder: GatewayFolder
beforeEach(() => {
  folder = new GatewayFolder()
})
afterEach(() => folder.remove())

const table = tableOf({ version: 3, port: 1, upstreams: [] })

describe('route snapshot', () => {
  it('reads what was written', () => {
    folder.write(table)
    expect(readRouteFile(folder.routeFile)).toEqual(table)
  })

  it.each([
    ['torn', (text: string) => text.slice(0, text.length / 2)],
    ['changed', (text: string) => text.replace('hello', 'evil!')],
    ['without a mac', () => JSON.stringify({ table: '{}' })],
    ['with an empty mac', () => JSON.stringify({ mac: '', table: '{}' })],
    ['not an object', () => '7'],
    ['empty', () => ''],
  ])('refuses one that is %s', (_name, change) => {
    writeFileSync(folder.routeFile.table, change(routeFileText(table, folder.key)))
    expect(() => readRouteFile(folder.routeFile)).toThrow('the route snapshot is refused')
  })

  it('refuses one under another key, and any under a key that is too short', () => {
    writeFileSync(folder.routeFile.table, routeFileText(table, Buffer.alloc(32)))
    expect(() => readRouteFile(folder.routeFile)).toThrow('its mac does not fit')
    writeFileSync(folder.routeFile.key, '')
    writeFileSync(folder.routeFile.table, routeFileText(table, Buffer.alloc(0)))
    expect(() => readRouteFile(folder.routeFile)).toThrow('its mac does not fit')
  })

  it('dstack 11 #9: a bad file leaves the table in force, and is told as a fault until a good one comes', async () => {
    const { gateway, port, close, route, folder: own } = await startGateway([])
    writeFileSync(own.routeFile.table, '{"mac":')
    await gateway.reload()
    expect(gateway.faults()).toEqual(['the route snapshot is refused: it is not whole JSON'])
    const client = new RawClient(port)
    client.send('GET / HTTP/1.1\r\nHost: a\r\n\r\n')
    await client.untilText('503')
    client.socket.destroy()
    await route([])
    expect(gateway.faults()).toEqual([])
    await close()
  })
})
