import { execFileSync } from 'node:child_process'
import { afterAll, beforeAll, expect, it } from 'vitest'
import { listEvents } from '@skykeep/actions/events/list-events'
import { getOperation } from '@skykeep/actions/operations/get-operation'
import { listOperations } from '@skykeep/actions/operations/list-operations'
import { compareVersions } from '@skykeep/actions/services/compare-versions'
import { diffService } from '@skykeep/actions/services/diff-service'
import { getHistory } from '@skykeep/actions/services/get-history'
import { updateService } from '@skykeep/actions/services/update-service'
import { checkService } from '@skykeep/actions/services/check-service'
import { getService } from '@skykeep/actions/services/get-service'
import { listServices } from '@skykeep/actions/services/list-services'
import { upService } from '@skykeep/actions/services/up-service'
import { getOverview } from '@skykeep/actions/system/get-overview'
import { getSystemStatus } from '@skykeep/actions/system/get-system-status'
import { serviceSecretPlace } from '@skykeep/db/service-secret-place'
import { getServiceSecrets } from '@skykeep/db/service-secrets'
import { decryptSecret } from '@skykeep/secrets/cipher'
import { createActionWorld, type ActionWorld } from '@skykeep/testing/action-services'
import { forEachDatabase, type TestDatabase } from '@skykeep/testing/databases'
import { serviceYaml } from './service-yaml.ts'

const inYaml = 'canary-in-the-yaml-7f3a'
const byOption = 'canary-by-option-91bc'
const changed = 'canary-of-the-update-44d0'

forEachDatabase('secrets', (source) => {
  let database: TestDatabase
  let world: ActionWorld

  beforeAll(async () => {
    database = await source.create()
    world = await createActionWorld(database)
  })
  afterAll(() => world.close())

  it('no view, event, error, row or file shows one; only the ciphertext opens to it', async () => {
    const context = world.as('admin')
    const yaml = serviceYaml({ name: 'quiet', rest: `secrets:\n  IN_YAML: ${inYaml}\n  BY_OPTION: null\n` })
    const input = { yaml, secrets: { BY_OPTION: byOption } }
    const up = await upService(context, input)
    const again = await upService(context, input)
    const refused: unknown = await upService(context, {
      ...input,
      yaml: `${yaml}\nbroken: ${inYaml}\n`,
    }).catch((error: unknown) => error)
    const page = { limit: 200 }
    const change = { ...input, name: 'quiet', secrets: { BY_OPTION: changed } }
    const update = { diff: await diffService(context, { ...change, isUploadKept: false }) }
    const shown = [
      up,
      update,
      await updateService(context, change),
      await getHistory(context, { name: 'quiet' }),
      await compareVersions(context, { name: 'quiet', from: 1, to: 2 }),
      again,
      refused,
      { ...(refused instanceof Error ? refused : {}), message: String(refused) },
      await checkService(context, input),
      await getService(context, { name: 'quiet' }),
      await listServices(context, page),
      await listOperations(context, page),
      await getOperation(context, { uid: up.operationUid ?? '' }),
      await listEvents(context, page),
      await getOverview(context),
      await getSystemStatus(context),
    ]
    const everything = JSON.stringify(shown) + filesUnder(world.layout.root) + (await rowsOf(database))
    expect(everything).toContain('quiet')
    for (const canary of [inYaml, byOption, changed]) expect(everything).not.toContain(canary)
    const stored = await getServiceSecrets(database.database, up.serviceUid, 1)
    const opened = Object.entries(stored).map(([name, ciphertext]) => [
      name,
      decryptSecret(world.services.keyRing(), ciphertext, serviceSecretPlace(up.serviceUid, 1, name)),
    ])
    expect(Object.fromEntries(opened)).toEqual({ IN_YAML: inYaml, BY_OPTION: byOption })
  })
})

function filesUnder(folder: string): string {
  return execFileSync('grep', ['-ra', '', folder], { encoding: 'latin1', maxBuffer: 1e9 })
}

/** The SQLite files byte by byte; every row of PostgreSQL as text. */
async function rowsOf({ url, database }: TestDatabase): Promise<string> {
  if (url.startsWith('file:')) {
    return execFileSync('sh', ['-c', 'cat "$0"*', url.slice(5)], { encoding: 'latin1', maxBuffer: 1e9 })
  }
  const tables = await database.client.$queryRawUnsafe<{ name: string }[]>(
    `SELECT tablename::text AS name FROM pg_tables WHERE schemaname = 'public'`,
  )
  const rows = await Promise.all(
    tables.map(({ name }) =>
      database.client.$queryRawUnsafe<{ row: string }[]>(`SELECT t::text AS row FROM "${name}" t`),
    ),
  )
  return rows
    .flat()
    .map(({ row }) => row)
    .join('\n')
}
