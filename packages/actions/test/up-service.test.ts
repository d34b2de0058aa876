import { spawnSync } from 'node:child_process'
import { existsSync, readFileSync, readdirSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { downService } from '@skykeep/actions/services/down-service'
import { getService } from '@skykeep/actions/services/get-service'
import { listServices } from '@skykeep/actions/services/list-services'
import { sweepInterruptedUps } from '@skykeep/actions/services/sweep-interrupted-ups'
import { upService } from '@skykeep/actions/services/up-service'
import { receiveUpload } from '@skykeep/actions/uploads/receive-upload'
import { getOperation } from '@skykeep/db/operations'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase, type TestDatabase } from '@skykeep/testing/databases'
import { archiveOf } from './archives.ts'
import { serviceYaml } from './service-yaml.ts'

forEachDatabase('bringing services up and down', (source) => {
  let database: TestDatabase
  let world: ActionWorld

  beforeAll(async () => {
    database = await source.create()
    world = await createActionWorld(database)
  })
  afterAll(() => world.close())

  const versionFolders = (): string[] => readdirSync(world.layout.versionsDir)
  const living = async (): Promise<number> => (await listServices(world.as('viewer'), { limit: 200 })).total

  it('stores the version on disk, the rows and the port, and says where it will answer', async () => {
    const { uploadId } = await receiveUpload(world.as('user'), [
      archiveOf([{ path: 'server.js', content: 'serve()' }]),
    ])
    const yaml = serviceYaml({ name: 'first', rest: 'workdir: .\n' })
    const result = await upService(world.as('user'), { yaml, uploadId })
    expect(result).toMatchObject({ name: 'first', endpointUrl: 'http://127.0.0.1:30001', note: null })
    const folder = world.layout.versionDir(result.serviceUid, 1)
    expect(readFileSync(join(folder, 'workdir/server.js'), 'utf8')).toBe('serve()')
    expect(readFileSync(join(folder, 'service.yaml'), 'utf8')).toBe(yaml)
    const operation = await getOperation(world.services.db, result.operationUid ?? '')
    expect(operation).toMatchObject({ verb: 'serve.up', status: 'PENDING', targetName: 'first' })
    const view = await getService(world.as('viewer'), { name: 'first' })
    expect(view).toMatchObject({
      status: 'REPLICA_INIT',
      targetReplicas: 2,
      createdBy: 'the-user',
      replicas: [],
    })
    expect(readdirSync(world.layout.uploadsDir)).toEqual([])
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('passes over a port that another program holds, so that no service is born blocked', async () => {
    const held = new Set<number>()
    const isPortHeld = async (_host: string, port: number): Promise<boolean> => {
      held.add(port)
      return await Promise.resolve(held.size === 1)
    }
    const result = await upService(
      { ...world.as('user'), isPortHeld },
      { yaml: serviceYaml({ name: 'beside' }) },
    )
    const [first, second] = held
    expect(result.endpointUrl).toBe(`http://127.0.0.1:${second}`)
    expect(second).toBe((first ?? 0) + 1)
    await downService(world.as('user'), { name: 'beside' })
  })

  it('answers the same YAML with the service that runs, and another one with the way out', async () => {
    const yaml = serviceYaml({ name: 'same' })
    const first = await upService(world.as('user'), { yaml })
    const again = await upService(world.as('user'), { yaml: `# only a comment\n${yaml}` })
    expect(again).toMatchObject({
      serviceUid: first.serviceUid,
      operationUid: null,
      endpointUrl: first.endpointUrl,
    })
    expect(again.note).toContain('already')
    await expect(
      upService(world.as('user'), { yaml: serviceYaml({ name: 'same', run: 'other' }) }),
    ).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
      userMessage: 'A service named same is running with a different YAML: run.',
      hint: expect.stringContaining('skykeep serve update same FILE'),
    })
  })

  it('takes another value of a secret for another YAML', async () => {
    const yaml = serviceYaml({ name: 'secretive', rest: 'secrets:\n  TOKEN: null\n' })
    const first = await upService(world.as('user'), { yaml, secrets: { TOKEN: 'one-long-secret' } })
    const again = await upService(world.as('user'), { yaml, secrets: { TOKEN: 'one-long-secret' } })
    expect(again.serviceUid).toBe(first.serviceUid)
    await expect(
      upService(world.as('user'), { yaml, secrets: { TOKEN: 'another-secret' } }),
    ).rejects.toMatchObject({
      code: 'ALREADY_EXISTS',
    })
  })

  it('makes one service of the same YAML sent ten times at once', async () => {
    const folders = versionFolders().length
    const yaml = serviceYaml({ name: 'crowd' })
    const results = await Promise.all(Array.from({ length: 10 }, () => upService(world.as('user'), { yaml })))
    expect(new Set(results.map((result) => result.serviceUid)).size).toBe(1)
    expect(results.filter((result) => result.operationUid !== null)).toHaveLength(1)
    expect(versionFolders()).toHaveLength(folders + 1)
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('reports every problem of a YAML with its line and changes nothing', async () => {
    const before = await living()
    await expect(
      upService(world.as('user'), { yaml: 'name: bad\nrunn: x\nservice: 3\n' }),
    ).rejects.toMatchObject({
      code: 'INVALID_INPUT',
      problems: expect.arrayContaining([expect.objectContaining({ path: 'runn', line: 2 })]),
    })
    expect(await living()).toBe(before)
  })

  it('refuses a working folder that was not sent, is of somebody else, or is hostile, and leaves nothing', async () => {
    const folders = versionFolders()
    const yaml = serviceYaml({ name: 'work', rest: 'workdir: ./app\n' })
    const up = (uploadId?: string): Promise<unknown> =>
      upService(world.as('user'), uploadId === undefined ? { yaml } : { yaml, uploadId })
    const hostile = await receiveUpload(world.as('user'), [archiveOf([{ path: '../escape', content: 'x' }])])
    const foreign = await receiveUpload(world.as('admin'), [archiveOf([{ path: 'a', content: 'x' }])])
    for (const uploadId of [undefined, '../../state', foreign.uploadId, hostile.uploadId]) {
      await expect(up(uploadId)).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    }
    expect(versionFolders()).toEqual(folders)
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('a plane that was replaced writes neither row nor folder', async () => {
    const folders = versionFolders()
    const before = await living()
    const stale = { ...world.as('user'), fence: world.services.fence - 1 }
    await expect(upService(stale, { yaml: serviceYaml({ name: 'fenced' }) })).rejects.toMatchObject({
      code: 'FENCED',
    })
    await expect(downService(stale, { name: 'first' })).rejects.toMatchObject({ code: 'FENCED' })
    expect(versionFolders()).toEqual(folders)
    expect(await living()).toBe(before)
  })

  it('killed between folder and row, it leaves a folder that the next start removes, and kept ones stay', async () => {
    const kept = versionFolders()
    const script = join(import.meta.dirname, 'killed-up.ts')
    const child = spawnSync(process.execPath, [script, database.url, world.layout.root], { encoding: 'utf8' })
    expect([child.signal, child.stderr]).toEqual(['SIGKILL', ''])
    expect(versionFolders()).toHaveLength(kept.length + 1)
    // Its row was written: the crash came between the commit and the clean-up.
    const [uid = ''] = kept
    const intent = join(world.layout.tmpDir, `version-${uid}-1.json`)
    writeFileSync(intent, '{}')
    await expect(sweepInterruptedUps({ ...world.services, fence: 0 })).rejects.toMatchObject({
      code: 'FENCED',
    })
    expect(versionFolders()).toHaveLength(kept.length + 1)
    expect(await sweepInterruptedUps(world.services)).toBe(1)
    expect(versionFolders()).toEqual(kept)
    expect(existsSync(world.layout.versionDir(uid, 1))).toBe(true)
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('brings a service down once, however often it is asked', async () => {
    const results = await Promise.all(
      Array.from({ length: 5 }, () => downService(world.as('user'), { name: 'same' })),
    )
    expect(new Set(results.map((result) => result.operationUid)).size).toBe(1)
    const again = await downService(world.as('admin'), { name: 'same' })
    expect(again.operationUid).toBe(results[0]?.operationUid)
    await expect(upService(world.as('user'), { yaml: serviceYaml({ name: 'same' }) })).rejects.toMatchObject({
      code: 'CONFLICT',
    })
    await expect(downService(world.as('user'), { name: 'nobody' })).rejects.toMatchObject({
      code: 'NOT_FOUND',
    })
  })

  it('lists by part of a name, by shown status and page by page without a gap', async () => {
    const all = await listServices(world.as('viewer'), { limit: 200 })
    for (const filter of [{}, { status: 'REPLICA_INIT' as const }]) {
      const names: string[] = []
      for (let cursor: string | null | undefined; cursor !== null;) {
        const page = await listServices(world.as('viewer'), { ...filter, limit: 2, cursor })
        names.push(...page.items.map((service) => service.name))
        cursor = page.nextCursor
      }
      expect(names).toEqual(all.items.map((service) => service.name))
    }
    expect((await listServices(world.as('viewer'), { search: 'cro', limit: 10 })).items).toHaveLength(1)
  })
})
