import { mkdirSync } from 'node:fs'
import { createServer } from 'node:net'
import { join } from 'node:path'
import { afterEach, expect, it } from 'vitest'
import { forEachDatabase } from '@skykeep/testing/databases'
import { dayMs, hourMs, RetentionWorld } from './retention-world.ts'

const mebibyte = 1 << 20

let world: RetentionWorld | undefined
afterEach(() => world?.destroy())

forEachDatabase('retention of files', (source) => {
  it('logs go when they are too old, then the oldest until all fit; never that of a replica that lives', async () => {
    world = await RetentionWorld.create(source)
    const { layout, clock } = world
    const service = await world.service('hello')
    const living = await world.replica(service)
    const logs = layout.serviceLogsDir(service.uid)
    const nowMs = clock.now() + 2 * hourMs
    world.log(join(logs, String(living.replicaId)), 9 * mebibyte, nowMs - 60 * dayMs)
    for (const number of [2, 3, 4, 5]) {
      world.log(join(logs, String(number)), 4 * mebibyte, nowMs - (6 - number) * dayMs)
    }
    world.log(join(logs, '6'), 1, nowMs - 31 * dayMs)
    const [running, ended] = [await world.operation(service, false), await world.operation(service)]
    for (const uid of [running, ended]) world.file(layout.operationLog(uid), nowMs - 31 * dayMs)
    await world.pass(world.retention({ logMegabytes: 18, logDays: 30 }))
    expect(world.names(logs)).toEqual([String(living.replicaId), '4', '5'])
    expect(world.names(layout.operationLogsDir)).toEqual([`${running}.log`])
  })

  it('while the disk is low logs make room first, and the newest stay', async () => {
    world = await RetentionWorld.create(source)
    const { layout, clock } = world
    const service = await world.service('hello')
    const logs = layout.serviceLogsDir(service.uid)
    for (let number = 1; number <= 32; number += 1) {
      world.log(join(logs, String(number)), mebibyte, clock.now() - (40 - number) * 60_000)
    }
    const retention = world.retention({ logMegabytes: 64 })
    await world.pass(retention)
    expect(world.names(logs)).toHaveLength(32)
    world.freeBytes = 5e9
    // The disk is full, and rows stay: this is what gives space back.
    world.health.state = { state: 'degraded', reason: 'full', sinceMs: 0 }
    clock.pass(60_000)
    await retention.pass()
    expect(world.names(logs)).toHaveLength(16)
    for (let minute = 0; minute < 5; minute += 1) {
      clock.pass(60_000)
      await retention.pass()
    }
    expect(world.names(logs)).toEqual(['29', '30', '31', '32'])
  })

  it('uploads that nobody took and temporary files go after their time; sockets and intents of others stay', async () => {
    world = await RetentionWorld.create(source)
    const { layout, clock } = world
    const retention = world.retention({ temporaryHours: 24 })
    const oldMs = clock.now() - 30 * hourMs
    const youngMs = clock.now() - 2 * hourMs
    for (const [name, atMs] of [
      ['old', oldMs],
      ['young', youngMs],
    ] as const) {
      world.file(join(layout.uploadsDir, `usr_a.upl_${name}.tar`), atMs)
      world.file(join(layout.tmpDir, name), atMs)
    }
    world.file(join(layout.tmpDir, 'version-svc_a-1.json'), oldMs)
    mkdirSync(join(layout.tmpDir, 'version-svc_a-1'))
    const socket = createServer().listen(join(layout.tmpDir, 'some.sock'))
    clock.pass(hourMs)
    await retention.pass()
    expect(world.names(layout.uploadsDir)).toEqual(['usr_a.upl_young.tar'])
    expect(world.names(layout.tmpDir)).toEqual([
      'some.sock',
      'version-svc_a-1',
      'version-svc_a-1.json',
      'young',
    ])
    socket.close()
  })
})
