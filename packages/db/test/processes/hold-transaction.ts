import { openDatabase } from '@skykeep/db/connect'
import { appendEvent } from '@skykeep/db/events'
import { systemClock } from '@skykeep/testing/system-clock'

/** Opens a transaction, writes in it, says so, and stays in it for so many milliseconds. */
const [url = '', stayMs = '60000', transactionMs = '60000'] = process.argv.slice(2)
const database = await openDatabase({ url, clock: systemClock, transactionMs: Number(transactionMs) })
await database.transaction(async (tx) => {
  await appendEvent(tx, { kind: 'system', uid: 'held', type: 'plane.started' })
  process.stdout.write('inside\n')
  await new Promise((resolve) => setTimeout(resolve, Number(stayMs)))
})
process.stdout.write('committed\n')
await database.close()
