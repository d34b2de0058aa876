import { readFileSync, rmSync, writeFileSync } from 'node:fs'
import { listEvents } from '@skykeep/db/events'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets, insertServiceSecrets } from '@skykeep/db/service-secrets'
import { decryptSecret, encryptSecret, sealedVersion } from '@skykeep/secrets/cipher'
import { loadKeyRing } from '@skykeep/secrets/key-file'
import { formatKeyRing, rotate, verifyKeyCheck } from '@skykeep/secrets/key-ring'
import { backUp } from '@skykeep/state/backup/back-up'
import { dropOldKeys, keyNeeds } from '@skykeep/state/keys/drop-old-keys'
import { rotateKey, type RotateStep } from '@skykeep/state/keys/rotate-key'
import { forEachDatabase } from '@skykeep/testing/databases'
import { afterEach, beforeEach, expect, it } from 'vitest'
import {
  fillState,
  newStatePath,
  programVersion,
  secretsOfHello,
  type StatePath,
  systemClock as clock,
} from './fixtures/state-path.ts'

forEachDatabase('rotation of the master key', (source) => {
  let path: StatePath
  let url = ''
  let database: Database
  beforeEach(async () => {
    path = newStatePath()
    ;({ url, database } = await source.create())
    await fillState(database, path, 3)
    const many = Object.fromEntries(
      Array.from({ length: 250 }, (_, i) => [
        `N${i}`,
        encryptSecret(path.keys, `value ${i}`, serviceSecretPlace('svc_hello', 1, `N${i}`)),
      ]),
    )
    await database.transaction((tx) =>
      insertServiceSecrets(tx, { serviceUid: 'svc_hello', version: 1 }, many),
    )
  })
  afterEach(() => path.remove())

  const run = (onStep?: (step: RotateStep) => void, given?: string) =>
    rotateKey({
      keys: { file: path.layout.masterKey, given },
      databaseUrl: url,
      clock,
      ...(onStep === undefined ? {} : { onStep }),
    })

  /** Opens every secret with what the key file holds now; gives the key versions that were used. */
  async function openAll(): Promise<ReadonlySet<number>> {
    const ring = loadKeyRing({ file: path.layout.masterKey })
    const sealed = await getServiceSecrets(database, 'svc_hello', 1)
    expect(Object.keys(sealed)).toHaveLength(252)
    const versions = new Set<number>()
    for (const [name, text] of Object.entries(sealed)) {
      const plain = decryptSecret(ring, text, serviceSecretPlace('svc_hello', 1, name))
      expect(plain).toBe(
        name.startsWith('N')
          ? `value ${name.slice(1)}`
          : Object.entries(secretsOfHello).find(([key]) => key === name)?.[1],
      )
      versions.add(sealedVersion(text) ?? 0)
    }
    return versions
  }

  it('puts every secret under the new key, keeps the old one, and says so', async () => {
    expect(await run()).toEqual({ version: 2, encrypted: 252, secrets: 252, wasResumed: false })
    expect(await openAll()).toEqual(new Set([2]))
    const ring = loadKeyRing({ file: path.layout.masterKey })
    expect(ring.keys.map(({ version }) => version)).toEqual([2, 1])
    verifyKeyCheck(ring, (await getInstallation(database)).keyCheck ?? '')
    const [event] = await listEvents(database, { types: ['key.rotated'] })
    expect(event?.payload).toEqual({ version: 2, secrets: 252 })
    expect(JSON.stringify(event)).not.toContain(ring.current.bytes.toString('base64'))
  })

  it('killed at any step, everything still opens, and the next run brings the same key to its end', async () => {
    for (const step of ['key-written', 'batch-encrypted', 'verified'] as const) {
      const before = loadKeyRing({ file: path.layout.masterKey }).current.version
      const kill = (done: RotateStep): void => {
        if (done === step) throw new Error('killed')
      }
      await expect(run(kill)).rejects.toThrow('killed')
      await openAll()
      expect(await run()).toMatchObject({ version: before + 1, wasResumed: true })
      expect(await openAll()).toEqual(new Set([before + 1]))
    }
  })

  it('a key from the environment is rotated by giving both, and it says how', async () => {
    const given = formatKeyRing(path.keys)
    await expect(run(undefined, given)).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringContaining('`v2:`'),
    })
    const both = formatKeyRing(rotate(path.keys, Buffer.alloc(32, 7)))
    expect(await run(undefined, both)).toMatchObject({ version: 2, encrypted: 252, wasResumed: true })
    expect(readFileSync(path.layout.masterKey, 'utf8')).toBe(given)
  })

  it('a lost or wrong key stops it by name, and touches nothing', async () => {
    writeFileSync(path.layout.masterKey, `v1:${Buffer.alloc(32, 9).toString('base64')}\n`)
    await expect(run()).rejects.toMatchObject({ code: 'KEY_MISSING' })
    writeFileSync(path.layout.masterKey, formatKeyRing(path.keys))
    expect(await openAll()).toEqual(new Set([1]))
  })

  it('an old key is dropped once no secret and no backup needs it', async () => {
    const drop = (now = clock.now() + 120_000) =>
      dropOldKeys({
        layout: path.layout,
        given: undefined,
        databaseUrl: url,
        clock: { ...clock, now: () => now },
      })
    const { file } = await backUp({
      layout: path.layout,
      databaseUrl: url,
      target: path.layout.backupsDir,
      hasLogs: false,
      keys: path.keys,
      configText: undefined,
      programVersion,
      clock,
    })
    await run()
    await expect(drop(clock.now())).rejects.toMatchObject({ code: 'CONFLICT' })
    expect(await drop()).toEqual([])
    expect(await keyNeeds({ layout: path.layout, given: undefined, databaseUrl: url, clock })).toEqual([
      { version: 2, isCurrent: true, secrets: 252, backups: [] },
      { version: 1, isCurrent: false, secrets: 0, backups: [file] },
    ])
    rmSync(file)
    expect(await drop()).toEqual([1])
    expect(await openAll()).toEqual(new Set([2]))
  })
})
