import { openDatabase } from '@skykeep/db/connect'
import { listReplicas } from '@skykeep/db/replicas'
import { systemClock } from '@skykeep/testing/system-clock'

/** What is neither JavaScript's nor the program's own, MiB. */
const nativeMebibytes = (): number => {
  const { rss, heapTotal } = process.memoryUsage()
  return (rss - heapTotal) / 2 ** 20
}

/** Reads a little, then so many times more; says by how many MiB native memory grew meanwhile, in steps of 50. */
const [url = '', times = '6000'] = process.argv.slice(2)
const database = await openDatabase({ url, clock: systemClock })
const read = async (count: number): Promise<void> => {
  for (let index = 0; index < count; index++) {
    await listReplicas(database, { serviceUid: String(index), limit: 10 })
  }
}
await read(200)
const before = nativeMebibytes()
await read(Number(times))
const grown = nativeMebibytes() - before
process.stdout.write(`grown by less than ${50 * Math.ceil(Math.max(grown, 1) / 50)} MiB\n`)
await database.close()
