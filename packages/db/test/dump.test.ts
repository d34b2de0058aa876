import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import type { Database } from '@skykeep/db/handles'
import { getInstallation } from '@skykeep/db/installation'
import { openDump } from '@skykeep/db/dump'
import type { DumpValue } from '@skykeep/db/dump-table'
import { appendEvent, listEvents } from '@skykeep/db/events'
import { openLoad } from '@skykeep/db/load-rows'
import { migrate } from '@skykeep/db/migrate'
import { insertServiceSecrets } from '@skykeep/db/service-secrets'
import { insertServiceVersion, listServiceVersions } from '@skykeep/db/service-versions'
import { getService } from '@skykeep/db/services'
import { forEachDatabase, type DatabaseSource } from '@skykeep/testing/databases'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { systemClock } from '@skykeep/testing/system-clock'
import { afterAll, describe, expect, it } from 'vitest'
import { addService, sampleSpec } from './builders.ts'

const folder = mkdtempSync(join(tmpdir(), 'skykeep-dump-'))
afterAll(() => rmSync(folder, { recursive: true, force: true }))

let copies = 0
const copyTo = (): string => join(folder, `copy-${(copies += 1)}.db`)

async function contentOf(url: string): Promise<Record<string, readonly string[]>> {
  const dump = await openDump({ url, copyTo: copyTo() })
  const content: Record<string, readonly string[]> = {}
  for (const table of dump.tables) {
    const lines: string[] = []
    for await (const line of dump.rows(table)) lines.push(line)
    expect(lines).toHaveLength(await dump.count(table))
    content[table.name] = lines
  }
  await dump.close()
  return content
}

async function fill(database: Database): Promise<void> {
  await database.transaction(async (tx) => {
    const service = await addService(tx, 'hello')
    await insertServiceVersion(tx, {
      uid: 'ver_1',
      serviceUid: service.uid,
      version: 1,
      spec: { ...sampleSpec, name: 'ümläut 🚀 "quoted"\n' },
      yaml: 'name: hello\n',
      createdBy: 'usr_test',
    })
    await insertServiceSecrets(tx, { serviceUid: service.uid, version: 1 }, { TOKEN: 'sk1.1.abc' })
    for (let i = 0; i < 2500; i += 1) {
      const payload = { z: 1.5, a: [null, true, { y: 'ä', x: 9007199254740991 }], i }
      await appendEvent(tx, { kind: 'system', uid: `row-${i}`, type: 'plane.started', payload })
    }
  })
}

/** Loads a whole dump into another empty database. */
async function copyInto(from: string, to: string): Promise<void> {
  const dump = await openDump({ url: from, copyTo: copyTo() })
  await migrate({ url: to, migrationsDir, clock: systemClock, programVersion, upTo: dump.migration })
  const load = await openLoad(to)
  for (const { name, columns } of dump.tables) {
    const names = columns.map((column) => column.name)
    const rows: (readonly DumpValue[])[] = []
    for await (const line of dump.rows({
      name,
      columns,
      key: dump.tables.find((t) => t.name === name)?.key ?? [],
      parents: [],
    })) {
      // A line of the dump that was just written.
      const row = JSON.parse(line) as Record<string, DumpValue>
      rows.push(names.map((column) => row[column] ?? null))
    }
    await load.insert(name, names, rows)
  }
  await load.commit()
  await load.close()
  await dump.close()
}

const sources = new Map<string, DatabaseSource>()

forEachDatabase('a dump', (source) => {
  sources.set(source.kind, source)

  it('holds one moment: what is committed while it is read is not in it', async () => {
    const { url, database } = await source.create()
    await fill(database)
    const dump = await openDump({ url, copyTo: copyTo() })
    const events = dump.tables.find(({ name }) => name === 'events')
    if (events === undefined) throw new Error('no table of events')
    const seen: string[] = []
    for await (const line of dump.rows(events)) {
      if (seen.length % 500 === 0)
        await database.transaction((tx) =>
          appendEvent(tx, { kind: 'system', uid: 'late', type: 'plane.started' }),
        )
      seen.push(line)
    }
    await dump.close()
    expect(seen.filter((line) => line.includes('"late"'))).toEqual([])
    expect(await listEvents(database, { uid: 'late' })).not.toEqual([])
  })

  it('knows every table, parents first, each with a key', async () => {
    const { url } = await source.create()
    const dump = await openDump({ url, copyTo: copyTo() })
    const names = dump.tables.map(({ name }) => name)
    for (const table of dump.tables) {
      expect(table.key.length, table.name).toBeGreaterThan(0)
      for (const parent of table.parents)
        expect(names.indexOf(parent)).toBeLessThan(names.indexOf(table.name))
    }
    expect(names).toContain('installation')
    expect(names).not.toContain('_prisma_migrations')
    await dump.close()
  })

  it('loaded into a new database of the same kind is the same, row for row', async () => {
    const { url, database } = await source.create()
    await fill(database)
    const target = await source.createEmpty()
    await copyInto(url, target)
    expect(await contentOf(target)).toEqual(await contentOf(url))
    const copy = await source.open(target)
    expect(await getInstallation(copy)).toEqual(await getInstallation(database))
    expect(await getService(copy, 'svc_hello')).toEqual(await getService(database, 'svc_hello'))
    expect(await listServiceVersions(copy, 'svc_hello')).toEqual(
      await listServiceVersions(database, 'svc_hello'),
    )
    expect(await listEvents(copy, { uid: 'row-7' })).toEqual(await listEvents(database, { uid: 'row-7' }))
  })
})

describe('a dump of one kind of database', () => {
  it('is the same, row for row, once it is loaded into the other kind', async ({ skip }) => {
    const [sqlite, postgresql] = [sources.get('sqlite'), sources.get('postgresql')]
    if (
      sqlite === undefined ||
      postgresql === undefined ||
      process.env['SKYKEEP_TEST_POSTGRES_URL'] === undefined
    )
      return skip('no PostgreSQL server')
    for (const [from, to] of [
      [sqlite, postgresql],
      [postgresql, sqlite],
    ] as const) {
      const { url, database } = await from.create()
      await fill(database)
      const target = await to.createEmpty()
      await copyInto(url, target)
      expect(await contentOf(target)).toEqual(await contentOf(url))
      const copy = await to.open(target)
      expect(await listServiceVersions(copy, 'svc_hello')).toEqual(
        await listServiceVersions(database, 'svc_hello'),
      )
    }
  })
})
