import { mkdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs'
import { join } from 'node:path'
import { openDatabase } from '@skykeep/db/connect'
import { appendEvent } from '@skykeep/db/events'
import { setKeyCheck } from '@skykeep/db/installation'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { insertServiceSecrets, listSealedSecrets } from '@skykeep/db/service-secrets'
import { insertServiceVersion } from '@skykeep/db/service-versions'
import { insertService } from '@skykeep/db/services'
import type { Layout } from '@skykeep/persistent-path/layout'
import { writePathInstallation } from '@skykeep/persistent-path/path-state'
import { preparePath } from '@skykeep/persistent-path/prepare'
import { decryptSecret, encryptSecret } from '@skykeep/secrets/cipher'
import { createKeyFile, loadKeyRing } from '@skykeep/secrets/key-file'
import { keyCheckValue, verifyKeyCheck } from '@skykeep/secrets/key-ring'
import { prepareDatabase } from '@skykeep/testing/databases'
import { getInstallation } from '@skykeep/db/installation'
import type { StatePlace } from './place.ts'

const serviceUid = 'svc_0000000000000000'
export const endpointPort = 30_017

/** A path with a key, a service of one version with its folder, secrets, an endpoint, events, logs and a node. */
export async function fillPath(place: StatePlace, secrets = 3): Promise<void> {
  const { layout } = preparePath(place.layout.root, false)
  createKeyFile(layout.masterKey)
  const ring = loadKeyRing({ file: layout.masterKey })
  await prepareDatabase(place.url, place.clock, 'ins_0000000000000000')
  writePathInstallation(layout, { installationId: 'ins_0000000000000000', epoch: 1 })
  writeFileSync(place.config, `# of a person\npersistent_path: ${layout.root}\n`)
  placeFiles(layout)
  const sealed = Object.fromEntries(
    Array.from({ length: secrets }, (_, index) => {
      const name = `SECRET_${String(index).padStart(3, '0')}`
      return [name, encryptSecret(ring, textOf(name), serviceSecretPlace(serviceUid, 1, name))]
    }),
  )
  const database = await openDatabase({ url: place.url, clock: place.clock })
  await database.transaction(async (tx) => {
    await setKeyCheck(tx, keyCheckValue(ring.current))
    await insertService(tx, {
      uid: serviceUid,
      workspace: 'default',
      name: 'hello',
      createdBy: 'usr_0000000000000000',
      desiredVersion: 1,
      desiredReplicas: 2,
    })
    await insertServiceVersion(tx, {
      uid: 'ver_0000000000000000',
      serviceUid,
      version: 1,
      // Only stored and read back here.
      spec: { specVersion: 1, name: 'hello', task: {}, service: {} } as never,
      yaml: 'name: hello\n',
      createdBy: 'usr_0000000000000000',
    })
    await insertServiceSecrets(tx, { serviceUid, version: 1 }, sealed)
    for (let index = 0; index < 5; index += 1)
      await appendEvent(tx, { kind: 'system', uid: `row-${index}`, type: 'plane.started' })
  })
  await database.close()
}

function placeFiles(layout: Layout): void {
  const version = layout.versionDir(serviceUid, 1)
  mkdirSync(join(version, 'workdir'), { recursive: true, mode: 0o700 })
  writeFileSync(join(version, 'service.yaml'), 'name: hello\n', { mode: 0o600 })
  writeFileSync(join(version, 'workdir', 'run.sh'), '#!/bin/sh\necho hello\n', { mode: 0o700 })
  symlinkSync('run.sh', join(version, 'workdir', 'link'))
  mkdirSync(layout.serviceLogsDir(serviceUid), { recursive: true, mode: 0o700 })
  writeFileSync(join(layout.serviceLogsDir(serviceUid), '1.log'), 'a line\n'.repeat(300), { mode: 0o600 })
  writeFileSync(join(layout.uploadsDir, 'upl_1.tar'), 'an upload', { mode: 0o600 })
  writeFileSync(layout.fenceFile, '7\n', { mode: 0o600 })
  mkdirSync(join(layout.localDir, '.nodes'), { mode: 0o700 })
  mkdirSync(join(layout.localDir, 'n-1'), { mode: 0o700 })
  writeFileSync(join(layout.localDir, 'n-1', 'file'), 'of a node', { mode: 0o600 })
}

/** Secrets of a path that its key file does not open, or to something else; and a key check that does not hold. */
export async function unreadable(place: StatePlace, layout: Layout): Promise<readonly string[]> {
  const broken: string[] = []
  const database = await openDatabase({ url: `file:${layout.stateDb}`, clock: place.clock })
  try {
    const ring = loadKeyRing({ file: layout.masterKey })
    const { keyCheck } = await getInstallation(database)
    if (keyCheck === null) broken.push('the key check is gone')
    else verifyKeyCheck(ring, keyCheck)
    for (const { ciphertext, name } of await listSealedSecrets(database, null, 1000)) {
      const text = decryptSecret(ring, ciphertext, serviceSecretPlace(serviceUid, 1, name))
      if (text !== textOf(name)) broken.push(`${name} opens to something else`)
    }
  } catch (error) {
    broken.push(error instanceof Error ? error.message : String(error))
  } finally {
    await database.close()
  }
  return broken
}

/** The persistent path that config.yaml names. */
export function configuredPath(place: StatePlace): string {
  return /^persistent_path: (.+)$/m.exec(readFileSync(place.config, 'utf8'))?.[1] ?? ''
}

function textOf(name: string): string {
  return `the text of ${name}`
}
