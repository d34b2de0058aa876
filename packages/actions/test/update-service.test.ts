import { spawnSync } from 'node:child_process'
import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { diffService } from '@skykeep/actions/services/diff-service'
import { downService } from '@skykeep/actions/services/down-service'
import type { DiffServiceInput, UpdateServiceInput } from '@skykeep/actions/services/schemas'
import { sweepInterruptedUps } from '@skykeep/actions/services/sweep-interrupted-ups'
import { upService } from '@skykeep/actions/services/up-service'
import { updateService } from '@skykeep/actions/services/update-service'
import { receiveUpload } from '@skykeep/actions/uploads/receive-upload'
import { contentHash } from '@skykeep/actions/versions/content-hash'
import type { DiffView } from '@skykeep/core/views'
import { listEvents } from '@skykeep/db/events'
import { getOperation } from '@skykeep/db/operations'
import { findRunningRollout, listRollouts } from '@skykeep/db/rollouts'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets } from '@skykeep/db/service-secrets'
import { getServiceVersion } from '@skykeep/db/service-versions'
import { getService, updateService as observeService } from '@skykeep/db/services'
import { transition } from '@skykeep/db/transition'
import { decryptSecret } from '@skykeep/secrets/cipher'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase, type TestDatabase } from '@skykeep/testing/databases'
import { archiveOf } from './archives.ts'
import { readyReplicas } from './replicas-of.ts'
import { serviceYaml } from './service-yaml.ts'
import { hasOpenssl, tlsPair } from './tls-pair.ts'

forEachDatabase('updating a service', (source) => {
  let database: TestDatabase
  let world: ActionWorld

  beforeAll(async () => {
    database = await source.create()
    world = await createActionWorld(database)
  })
  afterAll(() => world.close())

  const up = async (name: string, change: Parameters<typeof serviceYaml>[0] = {}): Promise<string> =>
    (await upService(world.as('user'), { yaml: serviceYaml({ name, ...change }) })).serviceUid
  const update = (input: UpdateServiceInput) => updateService(world.as('user'), input)
  const diff = (input: UpdateServiceInput & Partial<DiffServiceInput>): Promise<DiffView> =>
    diffService(world.as('user'), { isUploadKept: false, ...input })
  const upload = async (files: Readonly<Record<string, string>>): Promise<string> => {
    const entries = Object.entries(files).map(([path, content]) => ({ path, content }))
    return (await receiveUpload(world.as('user'), [archiveOf(entries)])).uploadId
  }
  /** As the controller does at the end of a rollout. */
  const settle = (uid: string, version: number): Promise<unknown> =>
    world.services.db.transaction((tx) =>
      observeService(tx, uid, { targetVersion: version, stableVersion: version }),
    )
  const leftovers = (): readonly string[] => [
    ...readdirSync(world.layout.tmpDir),
    ...readdirSync(world.layout.uploadsDir),
  ]

  it('writes version, rollout, operation and wish at once; the folder is complete before', async () => {
    const uid = await up('whole')
    await settle(uid, 1)
    const yaml = serviceYaml({ name: 'whole', run: 'node other.js' })
    const result = await update({ name: 'whole', yaml, policy: { mode: 'blue_green' } })
    expect(result).toMatchObject({ fromVersion: 1, toVersion: 2, keepsReplicas: false, mode: 'blue_green' })
    expect(await getServiceVersion(world.services.db, uid, 2)).toMatchObject({ taskVersion: 2, yaml })
    expect(await findRunningRollout(world.services.db, uid)).toMatchObject({
      status: 'PROGRESSING',
      fromVersion: 1,
      toVersion: 2,
      mode: 'blue_green',
      settings: { mode: 'blue_green', maxSurge: 1 },
      operationUid: result.operationUid,
    })
    expect(await getOperation(world.services.db, result.operationUid ?? '')).toMatchObject({
      verb: 'serve.update',
      status: 'PENDING',
      details: { fromVersion: 1, toVersion: 2, mode: 'blue_green' },
    })
    expect(await getService(world.services.db, uid)).toMatchObject({
      desiredVersion: 2,
      targetVersion: 1,
      generation: 2,
    })
    expect(readFileSync(join(world.layout.versionDir(uid, 2), 'service.yaml'), 'utf8')).toBe(yaml)
    const events = await listEvents(world.services.db, { uid, limit: 10 })
    expect(events.map(({ message }) => message)).toContain('the-user asked for version 2, blue-green.')
    expect(leftovers()).toEqual([])
  })

  it('of an update under way supersedes it, and comes from the version that is stable', async () => {
    const uid = await up('twice')
    await settle(uid, 1)
    const first = await update({ name: 'twice', yaml: serviceYaml({ name: 'twice', run: 'two' }) })
    const second = await update({ name: 'twice', yaml: serviceYaml({ name: 'twice', run: 'three' }) })
    expect(second).toMatchObject({ fromVersion: 1, toVersion: 3 })
    const rollouts = await listRollouts(world.services.db, uid)
    expect(rollouts.map(({ toVersion, status }) => [toVersion, status])).toEqual([
      [3, 'PROGRESSING'],
      [2, 'SUPERSEDED'],
    ])
    expect(rollouts[1]?.statusReason).toBe('the-user asked for version 3 instead')
    expect(rollouts[1]?.operationUid).toBe(first.operationUid)
  })

  it('that changes nothing asks for nothing, also ten times at once', async () => {
    const uid = await up('still')
    const yaml = serviceYaml({ name: 'still', run: 'two' })
    const same = await update({ name: 'still', yaml: `# a comment\n${serviceYaml({ name: 'still' })}` })
    expect(same).toMatchObject({ operationUid: null, fromVersion: 1, toVersion: 1, keepsReplicas: true })
    expect(same.note).toContain('Nothing is different from version 1')
    const results = await Promise.all(Array.from({ length: 10 }, () => update({ name: 'still', yaml })))
    expect(results.filter(({ operationUid }) => operationUid !== null)).toHaveLength(1)
    expect(results.map(({ toVersion }) => toVersion)).toEqual(Array(10).fill(2))
    expect(readdirSync(join(world.layout.versionsDir, uid))).toEqual(['1', '2'])
    expect(leftovers()).toEqual([])
  })

  it('after a rollback is compared with what runs, so that the same YAML can be tried again', async () => {
    const uid = await up('again')
    await settle(uid, 1)
    const yaml = serviceYaml({ name: 'again', run: 'two' })
    await update({ name: 'again', yaml })
    const running = await findRunningRollout(world.services.db, uid)
    for (const to of ['ROLLING_BACK', 'ROLLED_BACK'] as const) {
      await world.services.db.transaction((tx) =>
        transition(tx, { kind: 'rollout', uid: running?.uid ?? '', to, reason: 'TEST' }),
      )
    }
    const result = await update({ name: 'again', yaml })
    expect(result).toMatchObject({ fromVersion: 1, toVersion: 3, keepsReplicas: false })
    expect(await getServiceVersion(world.services.db, uid, 3)).toMatchObject({ taskVersion: 2 })
  })

  describe('keeps the replicas', () => {
    it('when only the service section changes; the diff says so before', async () => {
      const uid = await up('kept')
      await settle(uid, 1)
      await readyReplicas(world, { uid, name: 'kept' }, { version: 1, count: 3 })
      const yaml = serviceYaml({ name: 'kept', rest: '  load_balancing_policy: round_robin\n' }).replace(
        'replicas: 2',
        'replicas: 5',
      )
      const seen = await diff({ name: 'kept', yaml })
      expect(seen).toMatchObject({
        fromVersion: 1,
        isDifferent: true,
        keepsReplicas: true,
        keptReplicas: 3,
        replacedReplicas: 0,
        mode: 'rolling',
        changes: [
          { path: 'service.replicas', before: '2', after: '5', replacesReplicas: false },
          {
            path: 'service.load_balancing_policy',
            before: '"least_load"',
            after: '"round_robin"',
            replacesReplicas: false,
          },
        ],
      })
      expect(seen.yaml).toMatch(/^--- version 1\n\+\+\+ the new version\n@@ .*\n(?:.*\n)*-  replicas: 2\n/)
      expect(await update({ name: 'kept', yaml })).toMatchObject({ keepsReplicas: true })
      expect(await getServiceVersion(world.services.db, uid, 2)).toMatchObject({ taskVersion: 1 })
      expect(await getService(world.services.db, uid)).toMatchObject({ desiredReplicas: 5 })
    })

    it('when the policy and what it hashes change; the diff names each key', async () => {
      await up('hashed')
      const rest = [
        '  load_balancing_policy: consistent_hash',
        '  load_balancer: {hash: {by: prompt, prefix_bytes: 512}, outlier_detection: {}}',
        '  update: {canary: {header: {name: X-Canary, value: "1"}}}',
        '',
      ].join('\n')
      const seen = await diff({ name: 'hashed', yaml: serviceYaml({ name: 'hashed', rest }) })
      expect(seen).toMatchObject({ keepsReplicas: true, replacedReplicas: 0 })
      const hash = 'service.load_balancer.hash'
      const named = new Map(seen.changes.map(({ path, after }) => [path, after]))
      expect(named.get('service.load_balancing_policy')).toBe('"consistent_hash"')
      expect(named.get(`${hash}.by`)).toBe('"prompt"')
      expect(named.get(`${hash}.prefix_bytes`)).toBe('512')
      expect(named.get(`${hash}.load_factor`)).toBe('1.25')
      expect(named.get('service.load_balancer.outlier_detection.consecutive_errors')).toBe('5')
      expect(named.get('service.update.canary.header.name')).toBe('"X-Canary"')
    })

    it('when another one of the ports that they opened is served', async () => {
      const ports = (served: number): string =>
        serviceYaml({ name: 'ported', rest: `  ports: ${served}\n` })
          .replace('infra: local', 'infra: local\n  ports: [8080, 9000]')
          .replace('replicas: 2', 'replicas: 1')
      await upService(world.as('user'), { yaml: ports(8080) })
      expect(await diff({ name: 'ported', yaml: ports(9000) })).toMatchObject({
        keepsReplicas: true,
        changes: [{ path: 'service.ports', before: '8080', after: '9000', replacesReplicas: false }],
      })
    })

    it('of an older version whose task comes back, whatever was between', async () => {
      const uid = await up('back')
      await settle(uid, 1)
      await update({ name: 'back', yaml: serviceYaml({ name: 'back', run: 'two' }) })
      await readyReplicas(world, { uid, name: 'back' }, { version: 1, count: 2 })
      await readyReplicas(world, { uid, name: 'back' }, { version: 2, count: 1 })
      const yaml = serviceYaml({ name: 'back', rest: '  load_balancing_policy: round_robin\n' })
      expect(await diff({ name: 'back', yaml })).toMatchObject({
        fromVersion: 2,
        keepsReplicas: false,
        keptReplicas: 2,
        replacedReplicas: 1,
      })
      await update({ name: 'back', yaml })
      expect(await getServiceVersion(world.services.db, uid, 3)).toMatchObject({ taskVersion: 1 })
    })

    it.each([
      ['run', { run: 'node two.js' }],
      ['envs.MODE', { rest: 'envs:\n  MODE: fast\n' }],
      ['setup', { rest: 'setup: npm ci\n' }],
      ['resources.memory', { rest: '', memory: '2+' }],
      ['service.ports', { rest: '  ports: 9000\n' }],
    ])(
      'never when %s changes',
      async (path, { memory, ...change }: { memory?: string; [key: string]: unknown }) => {
        const name = `task-${path.replaceAll(/[^a-z]/gi, '-').toLowerCase()}`
        const uid = await up(name)
        let yaml = serviceYaml({ name, ...change })
        if (memory !== undefined) yaml = yaml.replace('infra: local', `infra: local\n  memory: ${memory}`)
        if (path === 'service.ports') yaml = yaml.replace('replicas: 2', 'replicas: 1')
        const seen = await diff({ name, yaml })
        expect(seen.changes).toContainEqual(expect.objectContaining({ path, replacesReplicas: true }))
        expect(seen.keepsReplicas).toBe(false)
        await update({ name, yaml })
        expect(await getServiceVersion(world.services.db, uid, 2)).toMatchObject({ taskVersion: 2 })
      },
    )
  })

  it('compares secrets by value, stores them for the new version, and shows none', async () => {
    const yaml = serviceYaml({ name: 'sealed', rest: 'secrets:\n  TOKEN: null\n  OTHER: null\n' })
    const secrets = { TOKEN: 'canary-one-51b7', OTHER: 'canary-two-51b7' }
    const { serviceUid } = await upService(world.as('user'), { yaml, secrets })
    const same = await diff({ name: 'sealed', yaml, secrets })
    expect(same).toMatchObject({ isDifferent: false, changes: [], yaml: '' })
    const changed = { ...secrets, TOKEN: 'canary-new-51b7' }
    const seen = await diff({ name: 'sealed', yaml, secrets: changed })
    expect(seen.changes).toEqual([
      { path: 'secrets.TOKEN', before: '"<secret>"', after: '"<another secret>"', replacesReplicas: true },
    ])
    const result = await update({ name: 'sealed', yaml, secrets: changed })
    const everything = JSON.stringify([
      same,
      seen,
      result,
      await listEvents(world.services.db, { limit: 200 }),
    ])
    expect(everything).not.toContain('canary-')
    const stored = await getServiceSecrets(world.services.db, serviceUid, 2)
    const place = serviceSecretPlace(serviceUid, 2, 'TOKEN')
    expect(decryptSecret(world.services.keyRing(), stored['TOKEN'] ?? '', place)).toBe('canary-new-51b7')
  })

  it('keeps the files of the running version when it is asked to; an upload wins', async () => {
    const yaml = serviceYaml({ name: 'kept-files', rest: 'workdir: ./app\n' })
    const { serviceUid: uid } = await upService(world.as('user'), {
      yaml,
      uploadId: await upload({ 'a/server.js': 'one' }),
    })
    await settle(uid, 1)
    const input = { name: 'kept-files', yaml: yaml.replace('./app', './other'), isWorkdirKept: true }
    expect(await diff(input)).toMatchObject({ isDifferent: false })
    const changed = { ...input, yaml: `${yaml}envs: {A: b}\n` }
    expect(await update(changed)).toMatchObject({ toVersion: 2 })
    const file = join(world.layout.versionDir(uid, 2), 'workdir/a/server.js')
    expect(readFileSync(file, 'utf8')).toBe('one')
    expect(await diff({ ...changed, uploadId: await upload({ 'a/server.js': 'two' }) })).toMatchObject({
      isDifferent: true,
    })
    rmSync(join(world.layout.versionDir(uid, 2), 'workdir'), { recursive: true })
    await expect(diff({ ...input, yaml: `${yaml}envs: {A: c}\n` })).rejects.toMatchObject({
      code: 'INVALID_INPUT',
    })
    expect(leftovers()).toEqual([])
  })

  it('sees what is in the working folder, not where it lay', async () => {
    const yaml = serviceYaml({ name: 'files', rest: 'workdir: ./app\n' })
    const first = await upload({ 'a.txt': 'one' })
    const { serviceUid } = await upService(world.as('user'), { yaml, uploadId: first })
    const { contentHash: stored } = await getServiceVersion(world.services.db, serviceUid, 1)
    expect(stored).toBe(await contentHash(join(world.layout.versionDir(serviceUid, 1), 'workdir')))
    const elsewhere = yaml.replace('./app', './elsewhere')
    const same = await diff({ name: 'files', yaml: elsewhere, uploadId: await upload({ 'a.txt': 'one' }) })
    expect(same.isDifferent).toBe(false)
    const uploadId = await upload({ 'a.txt': 'two' })
    const seen = await diff({ name: 'files', yaml, uploadId, isUploadKept: true })
    expect(seen.changes.map(({ path }) => path)).toEqual(['workdir'])
    expect(seen).toMatchObject({ isDifferent: true, keepsReplicas: false })
    await update({ name: 'files', yaml, uploadId })
    const folder = world.layout.versionDir(serviceUid, 2)
    expect(readFileSync(join(folder, 'workdir/a.txt'), 'utf8')).toBe('two')
    expect(statSync(folder).mode & 0o777).toBe(0o700)
    expect(leftovers()).toEqual([])
  })

  it.skipIf(!hasOpenssl())(
    `takes a renewed certificate for a new version that keeps the replicas (skipped without openssl)`,
    async () => {
      const yaml = serviceYaml({ name: 'secure', rest: '  tls:\n    certfile: c.pem\n    keyfile: k.pem\n' })
      const folder = mkdtempSync(join(tmpdir(), 'skykeep-pairs-'))
      const [first, renewed] = [tlsPair(folder, 'first'), tlsPair(folder, 'renewed')]
      const old = tlsPair(folder, 'old', [-9, -2])
      rmSync(folder, { recursive: true })
      const brought = await upService(world.as('user'), { yaml, tls: first })
      expect(brought.endpointUrl).toMatch(/^https:/)
      expect((await upService(world.as('user'), { yaml, tls: first })).operationUid).toBeNull()
      expect(await diff({ name: 'secure', yaml, tls: first })).toMatchObject({ isDifferent: false })
      const seen = await diff({ name: 'secure', yaml, tls: renewed })
      expect(seen).toMatchObject({ isDifferent: true, keepsReplicas: true, yaml: '', warnings: [] })
      expect(seen.changes.map(({ path, replacesReplicas }) => [path, replacesReplicas])).toEqual([
        ['service.tls.certfile', false],
        ['service.tls.keyfile', false],
      ])
      const result = await update({ name: 'secure', yaml, tls: renewed })
      const place = join(world.layout.versionDir(brought.serviceUid, 2), 'tls')
      expect(readFileSync(join(place, 'cert.pem'), 'utf8')).toBe(renewed.certificate)
      expect(JSON.stringify([seen, result])).not.toContain(renewed.key.split('\n')[1])
      expect((await diff({ name: 'secure', yaml, tls: old })).warnings[0]).toContain('of old expired on')
      const plain = serviceYaml({ name: 'secure' })
      for (const input of [{ yaml }, { yaml: plain, tls: first }, { yaml, tls: { ...first, key: old.key } }])
        await expect(update({ name: 'secure', ...input })).rejects.toMatchObject({ code: 'INVALID_INPUT' })
    },
  )

  it('is refused by name for what is not there, goes, or is of another, and then leaves nothing', async () => {
    await up('ending')
    await downService(world.as('user'), { name: 'ending' })
    await up('mine')
    const yaml = serviceYaml({ name: 'mine', run: 'two' })
    const work = serviceYaml({ name: 'mine', rest: 'workdir: .\n' })
    const folders = readdirSync(world.layout.versionsDir, { recursive: true }).length
    const cases: readonly (readonly [UpdateServiceInput, string, RegExp])[] = [
      [{ name: 'nobody', yaml }, 'NOT_FOUND', /no service named nobody/],
      [{ name: 'ending', yaml: serviceYaml({ name: 'ending' }) }, 'CONFLICT', /ending is being shut down/],
      [{ name: 'mine', yaml: serviceYaml({ name: 'other' }) }, 'INVALID_INPUT', /`name: other`.* is mine/],
      [{ name: 'mine', yaml: 'name: mine\nrunn: x\n' }, 'INVALID_INPUT', /problem/],
      [{ name: 'mine', yaml: work }, 'INVALID_INPUT', /was not sent along/],
      [{ name: 'mine', yaml: work, uploadId: await upload({ '../out': 'x' }) }, 'INVALID_INPUT', /leads out/],
      [
        { name: 'mine', yaml, policy: { mode: 'canary', canary: { stepPercents: [50, 10] } } },
        'INVALID_INPUT',
        /have to rise: 50, 10/,
      ],
    ]
    for (const [input, code, message] of cases) {
      for (const ask of [update, diff]) {
        const refusal = expect.objectContaining({ code, userMessage: expect.stringMatching(message) })
        await expect(ask(input)).rejects.toEqual(refusal)
      }
    }
    await expect(updateService(world.as('viewer'), { name: 'mine', yaml })).rejects.toMatchObject({
      code: 'FORBIDDEN',
    })
    const input = { name: 'mine', yaml, isUploadKept: false }
    await expect(diffService(world.as('viewer'), input)).rejects.toMatchObject({ code: 'FORBIDDEN' })
    const stale = { ...world.as('user'), fence: world.services.fence - 1 }
    await expect(updateService(stale, input)).rejects.toMatchObject({ code: 'FENCED' })
    expect(readdirSync(world.layout.versionsDir, { recursive: true })).toHaveLength(folders)
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('killed between folder and row, it leaves a folder that the next start removes; what runs stays', async () => {
    const uid = await up('killed')
    const folders = (): readonly string[] => readdirSync(join(world.layout.versionsDir, uid))
    const script = join(import.meta.dirname, 'killed-up.ts')
    const child = spawnSync(process.execPath, [script, database.url, world.layout.root, 'killed'], {
      encoding: 'utf8',
    })
    expect([child.signal, child.stderr]).toEqual(['SIGKILL', ''])
    expect(folders()).toEqual(['1', '2'])
    mkdirSync(join(world.layout.tmpDir, 'staged-ver_half'))
    const yaml = serviceYaml({ name: 'killed', run: 'two' })
    expect(await update({ name: 'killed', yaml }), 'what nobody finished stops nobody').toMatchObject({
      toVersion: 3,
    })
    expect(await sweepInterruptedUps(world.services)).toBe(2)
    expect(folders()).toEqual(['1', '3'])
    expect(readdirSync(world.layout.tmpDir)).toEqual([])
  })

  it('takes a YAML of another name that the service was brought up from under its own', async () => {
    await upService(world.as('user'), { yaml: serviceYaml({ name: 'template' }), name: 'copy' })
    const yaml = serviceYaml({ name: 'template', run: 'two' })
    expect(await update({ name: 'copy', yaml })).toMatchObject({ name: 'copy', toVersion: 2 })
  })
})
