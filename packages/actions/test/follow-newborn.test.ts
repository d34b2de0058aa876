import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { followLines } from '@skykeep/actions/logs/follow-lines'
import { followLog } from '@skykeep/actions/logs/follow-log'
import { upService } from '@skykeep/actions/services/up-service'
import { findReplica, insertReplica, updateReplica } from '@skykeep/db/replicas'
import { transition } from '@skykeep/db/transition'
import { FolderLog } from '@skykeep/logs/folder-log'
import { LogWriter } from '@skykeep/logs/log-writer'
import { createActionWorld, randomIds, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase } from '@skykeep/testing/databases'
import { until } from '@skykeep/testing/until'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('the logs of a service that has no replica yet', (source) => {
  const folder = mkdtempSync(join(tmpdir(), 'skykeep-newborn-'))
  let world: ActionWorld
  let serviceUid = ''
  /** Replicas whose log somebody asked for before they had a job. */
  const askedEarly = new Set<string>()

  beforeAll(async () => {
    const built = await createActionWorld(await source.create())
    // As the dashboard finds it: beside its job once it has one, until then only where logs are kept afterwards.
    const replicaLog: ActionWorld['services']['replicaLog'] = ({ uid, nodeId, jobId }) => {
      if (nodeId !== null && jobId !== null) return new FolderLog(join(folder, jobId))
      askedEarly.add(uid)
      return new FolderLog(join(folder, `kept-${uid}`))
    }
    world = { ...built, as: (role) => ({ ...built.as(role), replicaLog }) }
    serviceUid = (await upService(world.as('user'), { yaml: serviceYaml() })).serviceUid
  })
  afterAll(async () => {
    await world.close()
    rmSync(folder, { recursive: true })
  })

  /** A replica as the controllers make it: first a row, then a node and a job, then what its job writes. */
  const launch = async (write: (job: string) => Promise<void>): Promise<string> => {
    const { db } = world.services
    const uid = randomIds.uid('rep')
    const service = { uid: serviceUid, name: 'hello' }
    await db.transaction((tx) => insertReplica(tx, { uid, service, version: 1, infra: 'local' }))
    await until('somebody who follows it', () => askedEarly.has(uid))
    await db.transaction(async (tx) => {
      await updateReplica(tx, uid, { jobId: `job-${uid}`, attempt: 1 })
      await transition(tx, { kind: 'replica', uid, to: 'PROVISIONING', reason: 'TEST' })
    })
    await db.transaction((tx) => updateReplica(tx, uid, { nodeId: `node-${uid}` }))
    await write(join(folder, `job-${uid}`))
    return uid
  }
  const writing = async (job: string, text: string): Promise<void> => {
    const writer = await LogWriter.open(job)
    await writer.append(text)
    await writer.close()
  }

  /** Everything of a log until it ends; of a replica that may have no row yet. */
  const textOf = async (replicaId: number): Promise<string> => {
    const { db } = world.services
    await until(`replica ${replicaId}`, async () => (await findReplica(db, serviceUid, replicaId)) !== null)
    let text = ''
    for await (const chunk of followLog(world.as('viewer'), { service: 'hello', replicaId }))
      text += chunk.text
    return text
  }

  it('are followed from its first line on, and those of replicas that come after it', async () => {
    const end = new AbortController()
    const seen: string[] = []
    const launching = [launch((job) => writing(job, 'first\n')), launch((job) => writing(job, 'second\n'))]
    const input = { service: 'hello', tailLines: 100 }
    for await (const { lines } of followLines(world.as('viewer'), input, end.signal)) {
      seen.push(...lines.map(({ text }) => text))
      if (seen.length === 2) end.abort()
    }
    await Promise.all(launching)
    expect(seen.toSorted()).toEqual(['first', 'second'])
  }, 20_000)

  it('of one replica, asked for before it had a job, too', async () => {
    const launching = launch(async (job) => {
      const writer = await LogWriter.open(job)
      await writer.append('hello\n')
      await writer.end()
    })
    expect(await textOf(3)).toBe('hello\n')
    await launching
  }, 20_000)

  it('of one that ended without a job end with it', async () => {
    const { db } = world.services
    const uid = randomIds.uid('rep')
    await db.transaction((tx) =>
      insertReplica(tx, { uid, service: { uid: serviceUid, name: 'hello' }, version: 1, infra: 'local' }),
    )
    const following = textOf(4)
    await until('somebody who follows it', () => askedEarly.has(uid))
    await db.transaction((tx) => transition(tx, { kind: 'replica', uid, to: 'TERMINATED', reason: 'TEST' }))
    expect(await following).toBe('')
  }, 20_000)
})
