import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { migrate } from '@skykeep/db/migrate'
import { latestMigration } from '@skykeep/db/installation'
import { forEachDatabase } from '@skykeep/testing/databases'
import { migrationsDir, programVersion } from '@skykeep/testing/migrations'
import { systemClock } from '@skykeep/testing/system-clock'
import { afterEach, expect, it } from 'vitest'
import { startProcess } from './process.ts'

forEachDatabase('migrations', (source) => {
  const folders: string[] = []
  afterEach(async () => {
    for (const folder of folders.splice(0)) await rm(folder, { recursive: true })
  })

  async function copyOfMigrations(): Promise<string> {
    const folder = await mkdtemp(path.join(tmpdir(), 'skykeep-migrations-'))
    folders.push(folder)
    await cp(migrationsDir, folder, { recursive: true })
    return folder
  }

  async function addMigration(folder: string, name: string, files: Record<string, string>): Promise<void> {
    await mkdir(path.join(folder, source.kind, name))
    for (const [file, text] of Object.entries(files)) {
      await writeFile(path.join(folder, source.kind, name, file), text)
    }
  }

  const run = (url: string, dir: string, version = programVersion): Promise<readonly string[]> =>
    migrate({ url, migrationsDir: dir, clock: systemClock, programVersion: version })

  it('three processes that start at once: one migrates, the others find nothing to do', async () => {
    const url = await source.createEmpty()
    const all = [1, 2, 3].map(() => startProcess('migrate', [url]))
    expect(await Promise.all(all.map((one) => one.ended))).toEqual([0, 0, 0])
    const results = await Promise.allSettled(all.map((one) => one.saw('migrated')))
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  })

  it('a migration that fails leaves the database as it was', async () => {
    const url = await source.createEmpty()
    await run(url, migrationsDir)
    const dir = await copyOfMigrations()
    await addMigration(dir, '29990101000000_broken', {
      'migration.sql': 'CREATE TABLE half (id INT); SELECT nonsense;',
    })
    await expect(run(url, dir)).rejects.toThrow(/nonsense/)
    expect(await run(url, migrationsDir)).toEqual([])
    await rm(path.join(dir, source.kind, '29990101000000_broken'), { recursive: true })
    await addMigration(dir, '29990101000001_whole', { 'migration.sql': 'CREATE TABLE half (id INT);' })
    expect(await run(url, dir)).toEqual(['29990101000001_whole'])
    expect(await latestMigration(await source.open(url))).toBe('29990101000001_whole')
  })

  it('a migration that was changed after it was applied is refused', async () => {
    const url = await source.createEmpty()
    const dir = await copyOfMigrations()
    await addMigration(dir, '29990101000000_more', { 'migration.sql': 'CREATE TABLE more (id INT);' })
    await run(url, dir)
    await writeFile(
      path.join(dir, source.kind, '29990101000000_more/migration.sql'),
      'CREATE TABLE other (id INT);',
    )
    await expect(run(url, dir)).rejects.toMatchObject({ code: 'CONFLICT' })
  })

  it('a newer schema is refused by a program that is too old for it, and only by such a one', async () => {
    const url = await source.createEmpty()
    const dir = await copyOfMigrations()
    await addMigration(dir, '29990101000000_expand', {
      'migration.sql': 'CREATE TABLE more (id INT);',
      'oldest-program.txt': '0.2.0\n',
    })
    await run(url, dir, '0.3.0')
    await expect(run(url, migrationsDir, '0.1.9')).rejects.toMatchObject({
      code: 'UNSUPPORTED',
      hint: expect.stringContaining('0.2.0'),
    })
    expect(await run(url, migrationsDir, '0.2.0')).toEqual([])
  })
})
