import { execFileSync } from 'node:child_process'
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { SkykeepError } from '@skykeep/core/errors'
import { openDatabase } from '@skykeep/db/connect'
import { toDatabaseError } from '@skykeep/db/database-errors'
import { appendEvent, countEvents, listEvents } from '@skykeep/db/events'
import type { Database } from '@skykeep/db/handles'
import { prepareDatabase } from '@skykeep/testing/databases'
import { systemClock } from '@skykeep/testing/system-clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'

function mountSmallDisk(): string {
  const folder = mkdtempSync(path.join(tmpdir(), 'skykeep-disk-'))
  try {
    execFileSync('mount', ['-t', 'tmpfs', '-o', 'size=4m', 'tmpfs', folder], { stdio: 'ignore' })
  } catch (error) {
    rmSync(folder, { recursive: true })
    throw error
  }
  return folder
}

function unmount(folder: string): void {
  execFileSync('umount', ['-l', folder])
  rmSync(folder, { recursive: true })
}

function canMount(): boolean {
  try {
    unmount(mountSmallDisk())
    return true
  } catch {
    return false
  }
}

const isAble = canMount()
const write = (database: Database, text = ''): Promise<number> =>
  database.transaction((tx) =>
    appendEvent(tx, { kind: 'system', uid: 'x', type: 'plane.started', payload: { text } }),
  )

describe.skipIf(!isAble)(`a disk that fails${isAble ? '' : ' (skipped: may not mount one here)'}`, () => {
  let folder = ''
  let url = ''
  beforeAll(() => {
    folder = mountSmallDisk()
    url = `file:${path.join(folder, 'state.db')}`
  })
  afterAll(() => unmount(folder))

  it('full: STORAGE_DEGRADED, reads go on, and writes too once there is room', async () => {
    await prepareDatabase(url)
    const ballast = ['a', 'b'].map((name) => path.join(folder, name))
    for (const file of ballast) writeFileSync(file, Buffer.alloc(1_200_000))
    const database = await openDatabase({ url, clock: systemClock })
    let written = 0
    const fill = async (): Promise<never> => {
      for (;;) {
        await write(database, 'x'.repeat(50_000))
        written++
      }
    }
    await expect(fill()).rejects.toMatchObject({ code: 'STORAGE_DEGRADED' })
    await expect(write(database, 'x'.repeat(50_000))).rejects.toMatchObject({ code: 'STORAGE_DEGRADED' })
    expect(await countEvents(database)).toBe(written)
    expect(await listEvents(database, { limit: 1000 })).toHaveLength(written)
    for (const file of ballast) rmSync(file)
    expect(await write(database)).toBe(written + 1)
    await database.close()
  })

  it('read-only: STORAGE_DEGRADED, and well again once it can be written', async () => {
    execFileSync('mount', ['-o', 'remount,ro', folder])
    const open = async (): Promise<void> => {
      const database = await openDatabase({ url, clock: systemClock })
      await write(database).finally(() => database.close())
    }
    await expect(open()).rejects.toMatchObject({ code: 'STORAGE_DEGRADED' })
    execFileSync('mount', ['-o', 'remount,rw', folder])
    await open()
  })
})

describe('errors of the database', () => {
  const driver = (originalCode: string): Error =>
    Object.assign(new Error('from the driver'), {
      code: 'P2010',
      meta: { driverAdapterError: { cause: { originalCode } } },
    })

  it.each([
    ['SQLITE_FULL', 'STORAGE_DEGRADED'],
    ['SQLITE_READONLY_DBMOVED', 'STORAGE_DEGRADED'],
    ['SQLITE_IOERR_WRITE', 'STORAGE_DEGRADED'],
    ['SQLITE_CANTOPEN', 'STORAGE_DEGRADED'],
    ['53100', 'STORAGE_DEGRADED'],
    ['25006', 'STORAGE_DEGRADED'],
    ['SQLITE_BUSY_SNAPSHOT', 'UNAVAILABLE'],
    ['55P03', 'UNAVAILABLE'],
    ['57P01', 'UNAVAILABLE'],
    ['ECONNREFUSED', 'UNAVAILABLE'],
    ['42601', 'INTERNAL'],
  ])('%s is %s', (originalCode, code) => {
    expect(toDatabaseError(driver(originalCode)).code).toBe(code)
    const bare = Object.assign(new Error('bare'), { code: originalCode })
    expect(toDatabaseError(new Error('wrapped', { cause: bare })).code).toBe(code)
  })

  it('an error of ours passes unchanged', () => {
    const error = new SkykeepError('FENCED', 'x')
    expect(toDatabaseError(error)).toBe(error)
  })

  it('a database that is not there: UNAVAILABLE for a server, STORAGE_DEGRADED for a file', async () => {
    const open = async (url: string): Promise<unknown> => {
      const database = await openDatabase({ url, clock: systemClock, lockWaitMs: 200 })
      return countEvents(database).finally(() => database.close())
    }
    await expect(open('postgres://nobody@127.0.0.1:1/none')).rejects.toMatchObject({ code: 'UNAVAILABLE' })
    await expect(open('file:/nowhere/at/all/state.db')).rejects.toMatchObject({ code: 'STORAGE_DEGRADED' })
  })
})
