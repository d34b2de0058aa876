import { cpSync, existsSync, mkdirSync, mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openDatabase } from '@skykeep/db/connect'
import type { Database } from '@skykeep/db/handles'
import { insertUser } from '@skykeep/db/users'
import { foldersOf, layoutOf, type Layout } from '@skykeep/persistent-path/layout'
import { prepareDatabase } from '@skykeep/testing/databases'
import { FakeClock } from '@skykeep/testing/fake-clock'
import { withPoints } from '@skykeep/testing/simulation/database'
import { pointsAtFiles } from '@skykeep/testing/simulation/files'
import { openQuickDatabase } from '@skykeep/testing/simulation/quick-database'
import { SideDoor } from '@skykeep/testing/simulation/image'
import { describeWrites } from './describe-writes.ts'

/** Where simulated worlds begin: a Monday, two o'clock in the morning, UTC. */
export const beginningMs = Date.UTC(2026, 0, 5, 2)
/** The person who asks for things. */
export const userUid = 'usr_0000000000000000'

/** A database and a persistent path that stay open over many worlds, one after the other: opening them is what costs. */
export class Ground {
  readonly layout: Layout
  readonly clock: FakeClock
  readonly sideDoor: SideDoor
  readonly database: Database
  /** With a point before and after each write. */
  readonly points: Database
  /** The same, and each write says what it was: for lists of points. */
  readonly namedPoints: Database
  #images = 0

  private constructor(
    layout: Layout,
    clock: FakeClock,
    { database, sideDoor }: { readonly database: Database; readonly sideDoor: SideDoor },
  ) {
    this.layout = layout
    this.clock = clock
    this.database = database
    this.sideDoor = sideDoor
    this.points = withPoints(database)
    this.namedPoints = withPoints(database, describeWrites(this.sideDoor))
  }

  /** @param isQuick in memory, and by a shorter way than Prisma's: for very many worlds. */
  static async create({ isQuick = false } = {}): Promise<Ground> {
    pointsAtFiles()
    const memory = '/dev/shm'
    const layout = layoutOf(mkdtempSync(join(existsSync(memory) ? memory : tmpdir(), 'skykeep-x-')))
    for (const folder of foldersOf(layout)) mkdirSync(folder, { recursive: true, mode: 0o700 })
    const clock = new FakeClock(beginningMs)
    const url = `file:${layout.stateDb}`
    await prepareDatabase(url, clock, 'ins_0000000000000000')
    const database = await openDatabase({ url, clock })
    await database.transaction((tx) => insertUser(tx, { uid: userUid, name: 'person', role: 'admin' }))
    const sideDoor = new SideDoor(layout.stateDb)
    if (!isQuick) return new Ground(layout, clock, { database, sideDoor })
    const copy = join(layout.cacheDir, 'beginning.db')
    sideDoor.takeImage(copy)
    sideDoor.close()
    const quick = openQuickDatabase(copy, database, clock)
    await database.close()
    return new Ground(layout, clock, { database: quick.database, sideDoor: new SideDoor(quick.connection) })
  }

  /** Keeps what is in the database, in the version folders and, of what was begun, in tmp. @returns the folder that holds it. */
  takeImage(): string {
    this.#images += 1
    const folder = join(this.layout.cacheDir, `image-${this.#images}`)
    mkdirSync(folder)
    this.sideDoor.takeImage(join(folder, 'state.db'))
    cpSync(this.layout.versionsDir, join(folder, 'versions'), { recursive: true })
    cpSync(this.layout.tmpDir, join(folder, 'tmp'), { recursive: true })
    return folder
  }

  /** Puts it back, as it was. */
  putBack(image: string): void {
    this.sideDoor.putBack(join(image, 'state.db'))
    const { versionsDir, tmpDir } = this.layout
    for (const [name, folder] of [
      ['versions', versionsDir],
      ['tmp', tmpDir],
    ] as const) {
      rmSync(folder, { recursive: true, force: true })
      mkdirSync(folder, { mode: 0o700 })
      cpSync(join(image, name), folder, { recursive: true })
    }
  }

  async close(): Promise<void> {
    await this.database.close()
    this.sideDoor.close()
    rmSync(this.layout.root, { recursive: true, force: true })
  }
}
