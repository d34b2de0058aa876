import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followLines } from '@skykeep/actions/logs/follow-lines'
import { readLines } from '@skykeep/actions/logs/read-lines'
import { readProcessLines } from '@skykeep/actions/logs/read-process-lines'
import { downService } from '@skykeep/actions/services/down-service'
import { upService } from '@skykeep/actions/services/up-service'
import type { LogLinesView } from '@skykeep/core/log-views'
import { insertReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { FolderLog } from '@skykeep/logs/folder-log'
import { LogWriter } from '@skykeep/logs/log-writer'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('lines of several replicas', (source) => {
  const folder = mkdtempSync(join(tmpdir(), 'skykeep-lines-'))
  const placeOf = (replicaId: number): string => join(folder, String(replicaId))
  let world: ActionWorld
  let uid = ''
  let replicas: readonly string[] = []

  beforeAll(async () => {
    const built = await createActionWorld(await source.create())
    const replicaLog: ActionWorld['services']['replicaLog'] = ({ replicaId }) =>
      new FolderLog(placeOf(replicaId))
    const services = { ...built.services, replicaLog }
    world = { ...built, services, as: (role) => ({ ...built.as(role), replicaLog }) }
    uid = (await upService(world.as('user'), { yaml: serviceYaml() })).serviceUid
    replicas = await readyReplicas(world, { uid, name: 'hello' }, { version: 1, count: 3 })
    await write(1, 'a1\na2\na3\n', '100 3\n110 6\n120 9\n')
    await write(2, 'b1\nb2\n', '105 3\n115 6\n')
    await write(3, 'old\n', '')
    await world.services.db.transaction(async (tx) => {
      for (const to of ['SHUTTING_DOWN', 'TERMINATED'] as const)
        await transition(tx, { kind: 'replica', uid: replicas[1] ?? '', to, reason: 'TEST' })
    })
  })
  afterAll(async () => {
    await world.close()
    rmSync(folder, { recursive: true })
  })

  const write = async (replicaId: number, text: string, times: string): Promise<void> => {
    const writer = await LogWriter.open(placeOf(replicaId))
    await writer.append(text)
    await writer.close()
    if (times !== '') writeFileSync(join(placeOf(replicaId), 'times'), times)
  }
  const read = (input: Partial<Parameters<typeof readLines>[1]> = {}): Promise<LogLinesView> =>
    readLines(world.as('viewer'), { service: 'hello', limitLines: 100, ...input })
  const shown = ({ lines }: LogLinesView): string =>
    lines.map(({ replicaId, text }) => `${replicaId}${text}`).join(' ')

  it('come in the order of their times, those of a replica that is gone among them, page by page', async () => {
    expect(shown(await read({ replicaIds: [1, 2] }))).toBe('1a1 2b1 1a2 2b2 1a3')
    expect(shown(await read())).toBe('3old 1a1 2b1 1a2 2b2 1a3')
    const texts: string[] = []
    for (let cursor: string | undefined; ;) {
      const page = await read({ limitLines: 2, ...(cursor === undefined ? {} : { cursor }) })
      if (page.lines.length === 0) break
      texts.push(shown(page))
      cursor = page.cursor
    }
    expect(texts).toEqual(['3old 1a1', '2b1 1a2', '2b2 1a3'])
    expect((await read({ replicaIds: [2] })).lines[0]).toEqual({
      replicaId: 2,
      text: 'b1',
      atMs: 105_000,
      nextOffset: 3,
    })
  })

  it('a search gives the lines that have the text, page by page, and says when all was looked at', async () => {
    const all = await read({ contains: 'A' })
    expect([shown(all), all.hasMore]).toEqual(['1a1 1a2 1a3', false])
    const first = await read({ contains: '2', limitLines: 1 })
    expect([shown(first), first.hasMore]).toEqual(['1a2', true])
    const second = await read({ contains: '2', cursor: first.cursor })
    expect([shown(second), second.hasMore]).toEqual(['2b2', false])
    // What was looked at in vain is not looked at again.
    const none = await read({ contains: 'nowhere' })
    expect([none.lines, none.hasMore]).toEqual([[], false])
    expect((await read({ cursor: none.cursor })).lines).toEqual([])
    expect(shown(await read({ contains: 'b', sinceMs: 111_500 }))).toBe('2b2')
  })

  it('since and until a time, the last ones of all; a log without times is named, not guessed', async () => {
    const since = await read({ sinceMs: 111_500 })
    expect([shown(since), since.untimed]).toEqual(['2b2 1a3', [3]])
    expect(shown(await read({ replicaIds: [1, 2], untilMs: 107_000 }))).toBe('1a1 2b1 1a2 2b2')
    expect(shown(await read({ tailLines: 2 }))).toBe('2b2 1a3')
    expect(shown(await read({ tailLines: 50 }))).toBe('3old 1a1 2b1 1a2 2b2 1a3')
  })

  it('of a replica or service that is not there are not found', async () => {
    await expect(read({ replicaIds: [1, 9] })).rejects.toMatchObject({ code: 'NOT_FOUND' })
    await expect(read({ service: 'none' })).rejects.toMatchObject({ code: 'NOT_FOUND' })
  })

  it('are followed: first what is there, then what comes, also of a replica that comes later, and again from a cursor', async () => {
    const end = new AbortController()
    const seen: string[] = []
    let cursor = ''
    const later = async (): Promise<void> => {
      await write(1, 'a4\n', '')
      await write(4, 'new\n', '')
      await world.services.db.transaction((tx) =>
        insertReplica(tx, { uid: 'rep_later', service: { uid, name: 'hello' }, version: 1, infra: 'local' }),
      )
    }
    const input = { service: 'hello', sinceMs: 111_500 }
    let adding: Promise<void> | undefined
    for await (const page of followLines(world.as('viewer'), input, end.signal)) {
      cursor = page.cursor
      seen.push(...page.lines.map(({ replicaId, text }) => `${replicaId}${text}`))
      adding ??= later()
      if (seen.includes('4new') && seen.includes('1a4')) end.abort()
    }
    await adding
    expect(seen.slice(0, 2)).toEqual(['2b2', '1a3'])
    expect(seen).toEqual(expect.arrayContaining(['1a4', '4new']))
    expect(new Set(cursor.split(',').map((part) => part.split(':')[0]))).toEqual(
      new Set(['1', '2', '3', '4']),
    )
    const again: string[] = []
    for (const id of [1, 2]) await (await LogWriter.open(placeOf(id))).end()
    const resumed = { service: 'hello', replicaIds: [1, 2], lastEventId: '1:6,2:6' }
    for await (const { lines } of followLines(world.as('viewer'), resumed))
      again.push(...lines.map(({ text }) => text))
    expect(again.slice(0, 2)).toEqual(['a3', 'a4'])
  })

  it('what worker and gateway wrote about a service, and of no other', async () => {
    const { processLogsDir } = world.layout
    const line = (more: object): string =>
      `${JSON.stringify({ level: 'warn', time: '2026-11-22T03:00:00.000Z', name: 'x', pid: 1, ...more })}\n`
    writeFileSync(join(processLogsDir, 'worker.log.1'), line({ kind: 'service', uid, msg: 'earlier' }))
    writeFileSync(
      join(processLogsDir, 'worker.log'),
      [
        'no JSON\n',
        line({
          kind: 'replica',
          uid: replicas[0],
          msg: 'reconcile failed',
          time: '2026-11-22T03:00:05.000Z',
          err: { type: 'Error', message: 'no route', stack: 'at secret place' },
        }),
        line({ kind: 'service', uid: 'svc_0123456789abcdef', msg: 'of another' }),
      ].join(''),
    )
    writeFileSync(join(processLogsDir, 'gateway.log'), line({ port: 30_001, msg: 'port is blocked' }))
    const of = (part: 'controller' | 'load-balancer', sinceMs?: number) =>
      readProcessLines(world.as('viewer'), { service: 'hello', part, tailLines: 10, sinceMs })
    expect(await of('controller')).toMatchObject([
      { process: 'worker', message: 'earlier', level: 'warn' },
      { message: 'reconcile failed', details: expect.stringContaining('"error":"no route"') },
    ])
    expect(await of('controller', Date.parse('2026-11-22T03:00:01Z'))).toHaveLength(1)
    expect(await of('load-balancer')).toMatchObject([{ process: 'gateway', message: 'port is blocked' }])
    expect(JSON.stringify(await of('controller'))).not.toContain('secret place')
    await downService(world.as('user'), { name: 'hello' })
  })
})
