import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followLog } from '@skykeep/actions/logs/follow-log'
import { readLog } from '@skykeep/actions/logs/read-log'
import { upService } from '@skykeep/actions/services/up-service'
import { insertReplica } from '@skykeep/db/replicas'
import { FolderLog } from '@skykeep/logs/folder-log'
import { LogWriter } from '@skykeep/logs/log-writer'
import { createActionWorld, randomIds, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('logs of replicas', (source) => {
  const folder = mkdtempSync(join(tmpdir(), 'skykeep-replica-log-'))
  const log = { service: 'hello', replicaId: 1 }
  let world: ActionWorld
  let writer: LogWriter

  beforeAll(async () => {
    world = await createActionWorld(await source.create(), { log: new FolderLog(folder) })
    const { serviceUid } = await upService(world.as('user'), { yaml: serviceYaml() })
    await world.services.db.transaction((tx) =>
      insertReplica(tx, {
        uid: randomIds.uid('rep'),
        service: { uid: serviceUid, name: 'hello' },
        version: 1,
        infra: 'local',
      }),
    )
    writer = await LogWriter.open(folder)
  })
  afterAll(async () => {
    await world.close()
    rmSync(folder, { recursive: true })
  })

  it('are empty before they begin', async () => {
    expect(await readLog(world.as('viewer'), { ...log, limitBytes: 100 })).toMatchObject({
      text: '',
      nextOffset: 0,
    })
    expect(await readLog(world.as('viewer'), { ...log, tailBytes: 10, limitBytes: 100 })).toMatchObject({
      text: '',
    })
  })

  it('are read from an offset and from so many bytes before the end', async () => {
    await writer.append('first line\nzweite Zeile: größer\n')
    const whole = await readLog(world.as('viewer'), { ...log, limitBytes: 100 })
    expect(whole).toMatchObject({ text: 'first line\nzweite Zeile: größer\n', offset: 0, isEnded: false })
    expect(await readLog(world.as('viewer'), { ...log, offset: 6, limitBytes: 16 })).toMatchObject({
      text: 'line\nzweite Zeil',
      nextOffset: 22,
    })
    // Six bytes before the end lie within the ö of größer.
    expect(await readLog(world.as('viewer'), { ...log, tailBytes: 6, limitBytes: 100 })).toMatchObject({
      text: 'ßer\n',
    })
    expect(await readLog(world.as('viewer'), { ...log, tailBytes: 9_999, limitBytes: 100 })).toEqual(whole)
  })

  it('are followed to their end, and again from where a client lost its stream', async () => {
    const follow = async (input: {
      readonly lastEventId?: string
      readonly tailBytes?: number
    }): Promise<string> => {
      let text = ''
      for await (const chunk of followLog(world.as('viewer'), { ...log, ...input })) text += chunk.text
      return text
    }
    const following = Promise.all([follow({}), follow({ lastEventId: '11', tailBytes: 1 })])
    await writer.append('last')
    await writer.end()
    expect(await following).toEqual(['first line\nzweite Zeile: größer\nlast', 'zweite Zeile: größer\nlast'])
    expect(await follow({ tailBytes: 4 })).toBe('last')
  })

  it('of a replica or service that is not there are not found', async () => {
    const missing = [
      { ...log, replicaId: 2, limitBytes: 100 },
      { ...log, service: 'nobody', limitBytes: 100 },
    ]
    for (const input of missing) {
      await expect(readLog(world.as('viewer'), input)).rejects.toMatchObject({ code: 'NOT_FOUND' })
    }
  })
})
